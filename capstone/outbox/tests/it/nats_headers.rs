//! Headers of a row that mean something to nats-server: which it gets, and what becomes of a row with any other.

use std::sync::Arc;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::{Envelope, Message, RelayConfig, Sink, SinkError};
use serde_json::json;

use crate::nats::{self, Server, relay_all};
use crate::support::{attempt, message};

/// All that nats-server 2.15 knows, but those that are passed on and the one that the sink sets.
const OTHERS: [&str; 36] = [
    "Nats-Batch-Commit",
    "Nats-Batch-Id",
    "Nats-Batch-Sequence",
    "Nats-Counter-Sources",
    "Nats-Expected-Last-Msg-Id",
    "Nats-Expected-Last-Sequence",
    "Nats-Expected-Last-Subject-Sequence",
    "Nats-Expected-Last-Subject-Sequence-Subject",
    "Nats-Incr",
    "Nats-Last-Consumer",
    "Nats-Last-Sequence",
    "Nats-Last-Stream",
    "Nats-Marker-Reason",
    "Nats-Msg-Size",
    "Nats-Num-Pending",
    "Nats-Pin-Id",
    "Nats-Required-Api-Level",
    "Nats-Response-Type",
    "Nats-Rollup",
    "Nats-Schedule",
    "Nats-Schedule-Next",
    "Nats-Schedule-Rollup",
    "Nats-Schedule-Source",
    "Nats-Schedule-TTL",
    "Nats-Schedule-Target",
    "Nats-Schedule-Time-Zone",
    "Nats-Scheduler",
    "Nats-Sequence",
    "Nats-Stream",
    "Nats-Stream-Source",
    "Nats-Subject",
    "Nats-Time-Stamp",
    "Nats-Trace-Dest",
    "Nats-Trace-Hop",
    "Nats-Trace-Only",
    "Nats-Trace-Origin-Account",
];

fn with_headers(headers: &[(&str, &str)]) -> Envelope {
    let headers: serde_json::Map<String, serde_json::Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    nats::with_headers("orders.created", &json!(headers).to_string(), b"1".to_vec())
}

/// Everything that a header can ask for is allowed to the stream `orders`.
async fn allow_all(server: &Server) {
    let config = json!({
        "name": "orders", "subjects": ["orders.>"], "allow_msg_ttl": true, "allow_rollup_hdrs": true,
        "allow_msg_schedules": true, "allow_atomic": true,
    });
    let client = async_nats::connect(server.address()).await.unwrap();
    let answer = client.request("$JS.API.STREAM.CREATE.orders", config.to_string().into()).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer.payload).contains("error"), "{answer:?}");
}

#[tokio::test]
async fn what_means_the_same_when_it_is_repeated_is_passed_on() {
    let Some(server) = Server::start().await else { return };
    allow_all(&server).await;
    let sink = server.sink().await;
    let given =
        [("Nats-Expected-Stream", "orders"), ("Nats-TTL", "1h"), ("Nats-Msg-Id", "of another message")];
    let message = with_headers(&given);
    for _ in 0..3 {
        sink.publish(&message, attempt()).await.unwrap();
    }
    let stored = server.stored().await;
    assert_eq!(stored.len(), 1);
    let headers = stored[0].headers.clone().unwrap();
    let id = message.id.to_string();
    for (name, value) in [("Nats-Expected-Stream", "orders"), ("Nats-TTL", "1h"), ("Nats-Msg-Id", &id)] {
        assert_eq!(headers.get(name).map(|value| value.as_str()), Some(value), "{name}");
    }

    let elsewhere = sink.publish(&with_headers(&[("Nats-Expected-Stream", "payments")]), attempt()).await;
    assert!(
        matches!(&elsewhere, Err(SinkError::Permanent(text)) if text.contains("stream")),
        "{elsewhere:?}"
    );
}

#[tokio::test]
async fn any_other_is_refused_at_once_and_named() {
    let Some(server) = Server::start().await else { return };
    allow_all(&server).await;
    let sink = server.sink().await;
    for name in OTHERS.into_iter().chain(["Nats-Of-Tomorrow", "nats-ttl", "NATS-MSG-ID"]) {
        let refused = sink.publish(&with_headers(&[("traceparent", "00-ab"), (name, "1")]), attempt()).await;
        let Err(SinkError::Permanent(text)) = refused else { panic!("{name}: {refused:?}") };
        assert!(text.starts_with(&format!("headers: {name} is not passed on")), "{text}");
    }
    assert!(server.stored().await.is_empty());
}

/// The server calls this one an error of its own, by which all messages would wait for it.
#[tokio::test]
async fn a_row_that_asks_for_a_rollup_stops_nobody_else() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let store = Arc::new(MemoryStore::new());
    let rollup = Message::new("orders.created".parse().unwrap(), "0").with_key("a").unwrap();
    store.enqueue([rollup.with_header("Nats-Rollup", "sub"), message("b", "1"), message("b", "2")]);
    let report = relay_all(&store, sink, RelayConfig::default()).await;
    assert_eq!((report.published, report.failed, report.parked), (2, 1, 1), "{report:?}");
    assert_eq!(server.payloads().await, ["1", "2"]);
}
