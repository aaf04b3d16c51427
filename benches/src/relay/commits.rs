//! Commits on SQLite: what one caller reaches, and what many reach who share them.

use std::sync::Arc;

use capstone_outbox::Message;
use capstone_outbox::sqlite::{SqliteStore, enqueue};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::backlog::{TOPIC, payload};
use crate::round::runtime;

/// Transactions a second, each with one message, by so many callers at once.
pub fn rate(callers: u64, each: u64) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(SqliteStore::open(folder.path().join("outbox.db")).expect("a new file"));
    runtime().block_on(async {
        let since = Instant::now();
        let mut calling = JoinSet::new();
        for caller in 0..callers {
            let store = Arc::clone(&store);
            calling.spawn(async move {
                for place in 0..each {
                    let message = message(caller, place);
                    let written = store.transaction(move |tx| enqueue(tx, &message)).await;
                    written.expect("a store that works");
                }
            });
        }
        calling.join_all().await;
        let time = since.elapsed().as_secs_f64();
        assert_eq!(store.status().await.expect("a store that works").pending, callers * each);
        (callers * each) as f64 / time
    })
}

pub fn message(key: u64, place: u64) -> Message {
    let message = Message::new(TOPIC.parse().expect("a topic"), payload(key, place));
    message.with_key(format!("key-{key}")).expect("a key")
}
