//! The examination of a NATS server whose streams are made wrong on purpose.

use async_nats::jetstream::{self, stream};
use capstone_outbox::RelayConfig;
use capstone_outbox::doctor::{Finding, Level};

use crate::nats::Server;
use crate::support::{cancel_at, ms};

/// What is not ok, with its level.
fn complaints(findings: &[Finding]) -> Vec<(&str, Level)> {
    let bad = findings.iter().filter(|finding| finding.level != Level::Ok);
    bad.map(|finding| (finding.check, finding.level)).collect()
}

#[tokio::test]
async fn streams_that_lose_or_repeat() {
    let Some(server) = Server::start().await else { return };
    let (sink, config) = (server.sink().await, RelayConfig::default());
    assert_eq!(complaints(&sink.examine(&config).await), [("streams", Level::Problem)]);

    let client = jetstream::new(async_nats::connect(server.address()).await.unwrap());
    let create = async |name: &str, wrong: stream::Config| {
        let made = stream::Config { name: name.into(), subjects: vec![name.into()], ..wrong };
        client.create_stream(made).await.unwrap();
    };
    create("good", stream::Config::default()).await;
    assert_eq!(complaints(&sink.examine(&config).await), []);
    create("memory", stream::Config { storage: stream::StorageType::Memory, ..Default::default() }).await;
    create("silent", stream::Config { no_ack: true, ..Default::default() }).await;
    // One second too short for a retry after 60 s of a publish that was given 4 s.
    create("forgetful", stream::Config { duplicate_window: ms(63_000), ..Default::default() }).await;
    let findings = sink.examine(&config).await;
    let found = [
        ("storage", Level::Problem),
        ("acknowledgement", Level::Problem),
        ("duplicate window", Level::Warning),
    ];
    assert_eq!(complaints(&findings), found);
    for (check, stream) in
        [("storage", "memory"), ("acknowledgement", "silent"), ("duplicate window", "forgetful")]
    {
        let finding = findings.iter().find(|finding| finding.check == check).unwrap();
        assert!(finding.meaning.contains(stream) && !finding.meaning.contains("good"), "{}", finding.meaning);
    }
}

#[tokio::test]
async fn an_examination_can_be_dropped_at_each_poll() {
    let Some(server) = Server::start().await else { return };
    let (sink, config) = (server.with_orders().await, RelayConfig::default());
    let mut polls = 1;
    while cancel_at(polls, sink.examine(&config)).await.is_none() {
        polls += 1;
        assert!(polls < 100, "never completes");
    }
    assert_eq!(complaints(&sink.examine(&config).await), []);
}

#[tokio::test]
async fn a_server_that_has_gone() {
    let Some(mut server) = Server::start().await else { return };
    let sink = server.sink().await;
    server.kill().await;
    assert_eq!(complaints(&sink.examine(&RelayConfig::default()).await), [("NATS", Level::Problem)]);
}
