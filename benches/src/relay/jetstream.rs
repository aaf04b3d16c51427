//! JetStream: a stream of its own for each round, and what publishes to it.

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, stream};
use capstone_outbox::sink::NatsSink;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, timeout};

use super::backlog::{Backlog, Checked, KEYS, TOPIC, payload};
use super::postgres::Template;
use crate::round::runtime;
use crate::server::Server;

/// Acknowledgements that the bare client waits for at once.
const OUTSTANDING: usize = 500;
const PATIENCE: Duration = Duration::from_secs(10);

/// What a message of the bare client carries beside its payload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Headers {
    None,
    /// Those of the relay's sink.
    Relay,
}

/// Rows a second, by a relay.
pub fn relay(server: &Server, template: &Template, backlog: Backlog) -> f64 {
    let runtime = runtime();
    runtime.block_on(create(server));
    let sink = runtime.block_on(NatsSink::connect(&server.address)).expect("a server that listens");
    let rate = template.relay_to(Arc::new(sink));
    runtime.block_on(verify(server, backlog));
    rate
}

/// Messages a second, by a client that has them in memory.
pub fn bare(server: &Server, backlog: Backlog, headers: Headers) -> f64 {
    runtime().block_on(async {
        let jetstream = create(server).await;
        let messages = messages(backlog, headers);
        let mut outstanding = FuturesUnordered::new();
        let since = Instant::now();
        for message in messages {
            if outstanding.len() == OUTSTANDING {
                let acknowledged: Option<Result<_, _>> = outstanding.next().await;
                acknowledged.expect("some are outstanding").expect("it is stored");
            }
            let sent = jetstream.send_publish(TOPIC, message).await.expect("a connection");
            outstanding.push(sent.into_future());
        }
        while let Some(acknowledged) = outstanding.next().await {
            acknowledged.expect("it is stored");
        }
        let time = since.elapsed().as_secs_f64();
        verify(server, backlog).await;
        backlog.rows as f64 / time
    })
}

fn messages(backlog: Backlog, headers: Headers) -> Vec<PublishMessage> {
    let message = |n: u64| {
        let message = PublishMessage::build().payload(payload(n % KEYS, n / KEYS).into());
        if headers == Headers::None {
            return message;
        }
        let id = capstone_outbox::MessageId::generate().to_string();
        let mut map = HeaderMap::new();
        map.insert("outbox-key", format!("key-{}", n % KEYS));
        map.insert("outbox-id", id.as_str());
        map.insert("outbox-seq", n.to_string());
        map.insert("Nats-Msg-Id", id);
        message.headers(map)
    };
    (0..backlog.rows).map(message).collect()
}

/// An empty stream in files, with the server's defaults.
async fn create(server: &Server) -> jetstream::Context {
    let client =
        async_nats::connect(format!("nats://{}", server.address)).await.expect("a server that listens");
    let jetstream = jetstream::new(client);
    // Missing at first.
    let _ = jetstream.delete_stream("bench").await;
    let config =
        stream::Config { name: "bench".into(), subjects: vec![TOPIC.into()], ..stream::Config::default() };
    jetstream.create_stream(config).await.expect("JetStream");
    jetstream
}

/// Reads the stream: each message once, and each key in its order.
async fn verify(server: &Server, backlog: Backlog) {
    let client =
        async_nats::connect(format!("nats://{}", server.address)).await.expect("a server that listens");
    let stream = jetstream::new(client).get_stream("bench").await.expect("it was created");
    assert_eq!(stream.cached_info().state.messages, backlog.rows, "each once");
    let consumer = jetstream::consumer::pull::OrderedConfig::default();
    let consumer = stream.create_consumer(consumer).await.expect("JetStream");
    let mut messages = consumer.messages().await.expect("JetStream");
    let checked = Checked::new(backlog);
    for _ in 0..backlog.rows {
        let message = timeout(PATIENCE, messages.next()).await.expect("all of it arrives");
        checked.take(&message.expect("the stream goes on").expect("a connection").payload);
    }
    checked.verify();
}
