//! Dropping a future at each of its polls loses no message and leaves nothing half done.

use std::time::Duration;

use capstone_outbox::Seq;
use capstone_outbox::stream::{Letters, Start};

use super::{Place, all, on, orders, publish, show, text};
use crate::support::cancel_at;

on_each_store!(
    a_publish_is_all_or_nothing,
    a_next_that_is_dropped_at_any_poll_loses_nothing,
    a_consumer_that_is_dropped_during_a_pull_strands_nothing,
    answers_and_the_rest_leave_the_stream_usable,
);

async fn a_publish_is_all_or_nothing(place: Place) {
    let stream = place.stream(orders()).await;
    let mut polls = 1;
    loop {
        let batch = vec![on("a", "1"), on("a", "2"), on("a", "3")];
        let outcome = cancel_at(polls, stream.publish_batch(batch)).await;
        assert_eq!(stream.info().await.unwrap().messages() % 3, 0);
        if outcome.is_some() {
            break;
        }
        polls += 1;
    }
}

async fn a_next_that_is_dropped_at_any_poll_loses_nothing(place: Place) {
    let stream = place.stream(orders()).await;
    let payloads: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let mut consumer = stream.consumer("billing").fetch_ahead(4).open().await.unwrap();
    let mut reader = stream.read(Start::First);
    let (mut given, mut read, mut polls) = (Vec::new(), Vec::new(), 0);
    let mut left = payloads.iter();
    while given.len() < 200 || read.len() < 200 {
        polls = polls % 3 + 1;
        if let Some(payload) = left.next() {
            publish(&stream, &[payload]).await;
        }
        if given.len() < 200
            && let Some(delivery) = cancel_at(polls, consumer.next()).await
        {
            let delivery = delivery.unwrap();
            given.push(show(&delivery));
            // Whatever came of it, it is acknowledged again: that is allowed.
            drop(cancel_at(polls, delivery.ack()).await);
            delivery.ack().await.unwrap();
        }
        if read.len() < 200
            && let Some(record) = cancel_at(polls, reader.next()).await
        {
            read.push(text(&record.unwrap().message.payload));
        }
    }
    assert_eq!((given, read), (payloads.clone(), payloads));
    let billing = &stream.consumers().await.unwrap()[0];
    assert_eq!((billing.pending, billing.ack_floor.0), (0, 200));
}

async fn a_consumer_that_is_dropped_during_a_pull_strands_nothing(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    for polls in 1..=3 {
        let name = format!("billing-{polls}");
        let mut member = stream.consumer(&name).open().await.unwrap();
        // A message that comes of it is in the hands of somebody who was killed.
        let in_hand = cancel_at(polls, member.next()).await.map(std::mem::forget);
        drop(member);
        let mut member = stream.consumer(&name).open().await.unwrap();
        let found = all(&mut member).await;
        assert_eq!(found.len() + usize::from(in_hand.is_some()), 3, "{polls}: {found:?}");
        found.iter().for_each(|delivery| assert_eq!(delivery.deliveries(), 1));
    }
}

async fn answers_and_the_rest_leave_the_stream_usable(place: Place) {
    let streams = place.streams().await;
    let stream = streams.create(orders()).await.unwrap();
    macro_rules! at_each_poll {
        ($operation:expr) => {
            let mut polls = 1;
            while cancel_at(polls, $operation).await.is_none() {
                polls += 1;
                assert!(polls < 100, "never completes");
            }
        };
    }
    at_each_poll!(streams.create(orders()));
    at_each_poll!(streams.get("orders"));
    at_each_poll!(streams.list());
    at_each_poll!(streams.tidy());
    at_each_poll!(streams.forget(Some(Duration::from_secs(60))));
    at_each_poll!(stream.locate(Start::New));
    at_each_poll!(stream.info());
    at_each_poll!(stream.consumers());
    at_each_poll!(stream.dead_letters(None, 1));
    at_each_poll!(stream.delete_consumer("nobody"));
    at_each_poll!(stream.consumer("billing").open());
    at_each_poll!(stream.read(Start::New).locate());
    publish(&stream, &["ack", "nak", "later", "term", "batch"]).await;
    let mut consumer = stream.consumer("billing").backoff([Duration::ZERO]).open().await.unwrap();
    at_each_poll!(consumer.try_next());
    at_each_poll!(consumer.next_batch(1));
    drop(consumer);
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let held = all(&mut consumer).await;
    for delivery in &held {
        match text(&delivery.payload).as_str() {
            "ack" => {
                at_each_poll!(delivery.in_progress());
                at_each_poll!(delivery.ack());
            }
            "nak" => {
                at_each_poll!(delivery.nak());
            }
            "later" => {
                at_each_poll!(delivery.nak_after(Duration::ZERO));
            }
            "term" => {
                at_each_poll!(delivery.term("no"));
            }
            _ => {
                at_each_poll!(consumer.ack_all(std::slice::from_ref(delivery)));
            }
        }
    }
    let billing = &stream.consumers().await.unwrap()[0];
    assert_eq!(billing.pending, 2, "those that were given back");
    assert_eq!(stream.info().await.unwrap().dead, 1);
    at_each_poll!(stream.redrive("billing", Letters::All));
    let again = stream.consumers().await.unwrap()[0].pending;
    assert_eq!((again, stream.info().await.unwrap().dead), (3, 0));
    at_each_poll!(stream.discard("billing", Letters::All));
    at_each_poll!(stream.trim(Seq(3)));
    assert_eq!(stream.info().await.unwrap().messages(), 3);
    at_each_poll!(stream.purge());
    assert_eq!(stream.info().await.unwrap().messages(), 0);
    at_each_poll!(streams.delete("orders"));
    assert!(streams.list().await.unwrap().is_empty());
}
