//! Publishing to a stream in an application's own transaction: what it locks, and what a dropped one leaves.

use std::sync::Arc;

use capstone_outbox::Seq;
use capstone_outbox::postgres::publish;
use capstone_outbox::stream::{StreamConfig, Streams};

use super::{connect, migrated, open, somebody_waits};
use crate::support::{cancel_at, message};

#[tokio::test]
async fn a_publish_that_is_dropped_leaves_with_its_transaction() {
    let Some(address) = migrated().await else { return };
    let streams = Streams::new(Arc::new(open(&address).await));
    let stream = streams.create(StreamConfig::new("orders")).await.unwrap();
    let mut polls = 1;
    loop {
        let mut client = connect(&address).await;
        let tx = client.transaction().await.unwrap();
        let outcome = cancel_at(polls, publish(&tx, "orders", &message("k", "1"))).await;
        let is_done = outcome.is_some();
        tx.rollback().await.unwrap();
        assert_eq!(stream.info().await.unwrap().last, Seq(0));
        if is_done {
            break;
        }
        polls += 1;
    }
    assert!(polls > 1);
    assert_eq!(stream.publish(message("k", "2")).await.unwrap().seq, Seq(1));
}

#[tokio::test]
async fn who_publishes_makes_others_of_this_stream_wait_until_the_commit() {
    let Some(address) = migrated().await else { return };
    let streams = Streams::new(Arc::new(open(&address).await));
    let stream = streams.create(StreamConfig::new("orders")).await.unwrap();
    let users = streams.create(StreamConfig::new("users")).await.unwrap();
    let mut client = connect(&address).await;
    let tx = client.transaction().await.unwrap();
    assert_eq!(publish(&tx, "orders", &message("k", "1")).await.unwrap().seq, Seq(1));
    let waits = stream.clone();
    let second = tokio::spawn(async move { waits.publish(message("k", "2")).await.unwrap().seq });
    somebody_waits(&connect(&address).await).await;
    assert_eq!(users.publish(message("k", "3")).await.unwrap().seq, Seq(1), "another stream does not wait");
    tx.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), Seq(2));
    let error = publish(&client.transaction().await.unwrap(), "none", &message("k", "")).await.unwrap_err();
    assert_eq!(error.to_string(), "stream \"none\" does not exist in this database");
}
