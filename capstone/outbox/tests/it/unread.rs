//! A relay that is alive and does not read is named by whoever examines the store; one that is slow, or has no room, is not.

use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::doctor::{Finding, Level};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::{Attempt, Envelope, Message, Relay, RelayConfig, Sink, SinkError};
use tokio::sync::Semaphore;

use crate::owned::Subject;
use crate::support::{message, pass};

/// Takes messages and answers none.
struct Silent {
    began: Semaphore,
}

impl Sink for Silent {
    async fn publish(&self, _message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        self.began.add_permits(1);
        std::future::pending().await
    }
}

/// Whom the examination names after each of a dozen steps of five seconds.
async fn named(examine: &impl AsyncFn() -> Vec<Finding>) -> Vec<bool> {
    let mut named = Vec::new();
    for _ in 0..12 {
        pass(Duration::from_secs(5)).await;
        let findings = examine().await;
        let reading = findings.iter().find(|finding| finding.check == "reading").expect("it is looked at");
        let is_named = reading.level == Level::Problem;
        assert_eq!(
            reading.meaning.contains(&format!("pid {} ", std::process::id())),
            is_named,
            "{reading:?}"
        );
        named.push(is_named);
    }
    named
}

/// With room for so many messages, of which a hundred wait.
async fn only_who_does_not_read<S: Subject>(
    store: S,
    window_rows: usize,
    examine: impl AsyncFn() -> Vec<Finding>,
) {
    let messages: Vec<Message> = (0..100).map(|n| message(&format!("k{n}"), "x")).collect();
    store.put(messages).await;
    let (publish_timeout, lease_ttl) = (Duration::from_secs(3_600), Duration::from_secs(7_200));
    let config =
        RelayConfig::default().window_rows(window_rows).publish_timeout(publish_timeout).lease_ttl(lease_ttl);
    let sink = Arc::new(Silent { began: Semaphore::new(0) });
    let mut relay = Relay::new(Arc::new(store), Arc::clone(&sink), config).unwrap();
    let while_it_runs = async {
        // With fewer free it does not read on.
        let many = u32::try_from(window_rows.min(100) * 3 / 4).unwrap();
        sink.began.acquire_many(many).await.unwrap().forget();
        named(&examine).await
    };
    let steps = async {
        loop {
            relay.step().await.unwrap();
        }
    };
    tokio::select! {
        () = steps => unreachable!("it has no end"),
        named = while_it_runs => assert_eq!(named, [false; 12]),
    }
    // Nobody asks it to go on. Its lease is renewed all the same.
    let named = named(&examine).await;
    assert!(named.contains(&true) && named.is_sorted(), "{named:?}");
}

async fn on_sqlite(window_rows: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    only_who_does_not_read(store, window_rows, async || SqliteStore::examine(&path).await).await;
}

#[tokio::test]
async fn with_room_on_sqlite() {
    on_sqlite(1_024).await;
}

#[tokio::test]
async fn without_room_on_sqlite() {
    on_sqlite(8).await;
}

#[cfg(all(unix, feature = "postgres"))]
mod on_postgres {
    use super::*;
    use crate::postgres::store;

    async fn examined(window_rows: usize) {
        let Some(store) = store().await else { return };
        let target = store.target().clone();
        only_who_does_not_read(store, window_rows, async || target.examine().await).await;
    }

    #[tokio::test]
    async fn with_room() {
        examined(1_024).await;
    }

    #[tokio::test]
    async fn without_room() {
        examined(8).await;
    }
}
