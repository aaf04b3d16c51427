//! A stream on PostgreSQL: what one publisher reaches, and what many reach who share commits.

use std::sync::Arc;

use capstone_outbox::stream::{StreamConfig, Streams};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::commits::message;
use super::postgres::{Database, open};
use crate::round::runtime;

/// Messages a second, each awaited before the next, by so many publishers of one process at once.
pub fn rate(database: &Database, publishers: u64, each: u64) -> f64 {
    runtime().block_on(async {
        let streams = Streams::new(Arc::new(open(&database.address()).await));
        let stream = streams.create(StreamConfig::new("orders")).await.expect("our tables");
        let since = Instant::now();
        let mut publishing = JoinSet::new();
        for publisher in 0..publishers {
            let stream = stream.clone();
            publishing.spawn(async move {
                for place in 0..each {
                    stream.publish(message(publisher, place)).await.expect("a store that works");
                }
            });
        }
        publishing.join_all().await;
        (publishers * each) as f64 / since.elapsed().as_secs_f64()
    })
}
