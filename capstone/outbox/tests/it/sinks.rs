//! The sinks that come with the crate.

use std::fs;
use std::future::pending;
use std::sync::{Arc, Mutex};

use capstone_bus::{Bus, Overflow};
use capstone_outbox::memory::MemoryStore;
use capstone_outbox::sink::{BusSink, FileSink};
use capstone_outbox::{Attempt, Envelope, Relay, RelayConfig, Sink, SinkError};
use futures::future::join_all;
use tokio::time::Instant;

use crate::support::{self, attempt, cancel_at, message, ms};

fn envelope(seq: i64, topic: &str, payload: &str) -> Envelope {
    support::envelope(seq, topic, "order-1", r#"{"trace":"t1"}"#, payload.as_bytes())
}

/// Remembers the attempts that it was told of.
#[derive(Default)]
struct Attempts(Mutex<Vec<Attempt>>);

impl Sink for Attempts {
    async fn publish(&self, _message: &Envelope, attempt: Attempt) -> Result<(), SinkError> {
        self.0.lock().unwrap().push(attempt);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_is_told_the_attempt_and_its_deadline() {
    let (store, sink) = (Arc::new(MemoryStore::new()), Arc::new(Attempts::default()));
    store.enqueue([message("a", "1")]);
    let config = RelayConfig::default().publish_timeout(ms(700));
    let started = Instant::now();
    Relay::new(store, Arc::clone(&sink), config).unwrap().run_until_empty(pending()).await.unwrap();
    let attempts = sink.0.lock().unwrap();
    assert_eq!(*attempts, [Attempt::new(1, started + ms(700))]);
}

#[tokio::test]
async fn the_file_gets_one_line_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let sink = FileSink::open(&path).unwrap();
    let messages: Vec<_> =
        (1..=50).map(|n| envelope(n, "orders.created", &format!("{{\"n\":{n}}}"))).collect();
    for outcome in join_all(messages.iter().map(|message| sink.publish(message, attempt()))).await {
        outcome.unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 50);
    let first = format!(
        r#"{{"id":"{}","topic":"orders.created","key":"order-1","seq":1,"headers":{{"trace":"t1"}},"payload":{{"n":1}}}}"#,
        messages[0].id
    );
    assert_eq!(text.lines().next().unwrap(), first);
}

#[tokio::test]
async fn a_publish_dropped_at_any_poll_leaves_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let sink = FileSink::open(&path).unwrap();
    let mut polls = 1;
    while cancel_at(polls, sink.publish(&envelope(1, "a", "dropped"), attempt())).await.is_none() {
        // Behind the dropped one, so whatever was to be written has been.
        sink.publish(&envelope(2, "a", "kept"), attempt()).await.unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.ends_with('\n') && text.lines().all(|line| line.starts_with('{') && line.ends_with('}')),
            "{text}"
        );
        assert_eq!(text.matches("\"seq\":2").count(), polls, "kept, each once");
        polls += 1;
    }
    assert!(polls > 1, "it was dropped at least once");
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_and_whole_lines_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let sink = FileSink::open(&path).unwrap();
    sink.publish(&envelope(1, "a", "1"), attempt()).await.unwrap();
    drop(sink);
    let whole = fs::read_to_string(&path).unwrap();
    for torn in ["{", "{\"id\":\"", &whole[..whole.len() - 1], &whole.trim_end().repeat(2_000)] {
        fs::write(&path, format!("{whole}{torn}")).unwrap();
        drop(FileSink::open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    }
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear reader").unwrap();
    let error = FileSink::open(&path).err().expect("refused").to_string();
    assert!(error.contains("not a message"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "Dear reader");
}

#[tokio::test]
async fn two_relays_cannot_write_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let _first = FileSink::open(&path).unwrap();
    let error = FileSink::open(&path).err().expect("refused").to_string();
    assert_eq!(error, format!("{}: another process writes to it", path.display()));
}

#[tokio::test]
async fn headers_that_are_not_json_are_permanent() {
    let folder = tempfile::tempdir().unwrap();
    let sink = FileSink::open(folder.path().join("out.ndjson")).unwrap();
    let mut message = envelope(1, "a", "1");
    message.headers_json = "{".into();
    assert!(matches!(sink.publish(&message, attempt()).await, Err(SinkError::Permanent(_))));
}

#[tokio::test]
async fn the_bus_gets_payload_headers_and_identity() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("orders.*").unwrap();
    let sink = BusSink::new(bus);
    let message = envelope(7, "orders.created", "paid");
    sink.publish(&message, attempt()).await.unwrap();
    sink.publish(&envelope(8, "payments.made", "-"), attempt()).await.unwrap();
    assert_eq!(sink.unmatched(), 1);

    let delivery = subscription.recv().await.unwrap();
    let header = |name| delivery.headers().get(name).map(ToOwned::to_owned);
    assert_eq!(&delivery.payload[..], b"paid");
    assert_eq!(header("trace").as_deref(), Some("t1"));
    assert_eq!(header("outbox-id"), Some(message.id.to_string()));
    assert_eq!(header("outbox-seq").as_deref(), Some("7"));
    assert_eq!(header("outbox-key").as_deref(), Some("order-1"));
}

#[tokio::test(start_paused = true)]
async fn what_a_subscription_dropped_is_tried_again() {
    let bus = Bus::new();
    let full = Overflow::Block { timeout: ms(100) };
    let mut slow = bus.subscription("a").capacity(1).overflow(full).open().unwrap();
    let sink = Arc::new(BusSink::new(bus.clone()));
    sink.publish(&envelope(1, "a", "1"), attempt()).await.unwrap();
    let error = sink.publish(&envelope(2, "a", "2"), attempt()).await.unwrap_err();
    assert_eq!(error, SinkError::Retryable("1 of 1 subscriptions dropped it".into()));
    assert_eq!(&slow.recv().await.unwrap().payload[..], b"1");
    sink.publish(&envelope(2, "a", "2"), attempt()).await.unwrap();

    bus.close();
    assert!(matches!(sink.publish(&envelope(3, "a", "3"), attempt()).await, Err(SinkError::Closed(_))));
}

#[tokio::test]
async fn a_row_that_the_bus_cannot_carry_is_permanent() {
    let sink = BusSink::new(Bus::new());
    let error = sink.publish(&envelope(1, "a..b", "1"), attempt()).await.unwrap_err();
    assert!(matches!(&error, SinkError::Permanent(text) if text.starts_with("topic: ")), "{error}");
    let error = sink.publish(&envelope(2, "$DLQ.a", "2"), attempt()).await.unwrap_err();
    assert_eq!(error, SinkError::Permanent("publish to $DLQ.a: the topic is the bus's own".into()));
}
