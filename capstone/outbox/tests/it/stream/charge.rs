//! What counts as a delivery: what was handed out, and never what was only fetched.

use std::collections::BTreeSet;

use capstone_outbox::Seq;
use capstone_outbox::stream::Stream;

use super::{Place, all, orders, publish, show, shown, text};
use crate::support::{cancel_at, ms};

const WAIT: u64 = 30_000;

on_each_store!(
    a_consumer_that_is_killed_with_its_first_message_buries_nothing_that_nobody_saw,
    a_message_that_kills_its_consumer_is_given_up_after_one_delivery_more_than_the_limit,
    who_works_on_one_keeps_what_it_has_fetched_behind_it,
    who_answers_keeps_what_it_has_fetched_too,
    what_was_fetched_and_not_handed_out_comes_again_uncounted,
    without_a_limit_a_message_comes_again_for_ever,
    a_batch_of_what_comes_again_is_charged_together_and_to_nobody_else,
    a_next_that_is_dropped_while_it_is_counted_costs_no_delivery,
);

/// Publishes the numbers from 1 to this one.
async fn publish_numbers(stream: &Stream, last: usize) {
    let payloads: Vec<String> = (1..=last).map(|n| n.to_string()).collect();
    publish(stream, &payloads.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

/// What was given up, by payload.
async fn dead(stream: &Stream) -> Vec<String> {
    let letters = stream.dead_letters(None, 1_000).await.unwrap();
    letters.iter().map(|letter| text(&letter.message.payload)).collect()
}

async fn a_consumer_that_is_killed_with_its_first_message_buries_nothing_that_nobody_saw(place: Place) {
    let stream = place.stream(orders()).await;
    publish_numbers(&stream, 64).await;
    let mut seen = BTreeSet::new();
    for _ in 0..12 {
        let mut consumer = stream.consumer("billing").deliveries_max(10).open().await.unwrap();
        let delivery = consumer.next().await.unwrap();
        seen.insert(text(&delivery.payload));
        // A kill: nothing is dropped, nothing is told.
        std::mem::forget((consumer, delivery));
        place.clock.advance(WAIT);
    }
    let mut consumer = stream.consumer("billing").deliveries_max(10).open().await.unwrap();
    let left = all(&mut consumer).await.len();
    let dead = dead(&stream).await;
    assert_eq!((&dead[..], left), (&["1".to_owned()][..], 63));
    assert!(seen.contains("1"), "{seen:?}");
}

async fn a_message_that_kills_its_consumer_is_given_up_after_one_delivery_more_than_the_limit(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["deadly", "good"]).await;
    let mut deaths = 0;
    loop {
        let mut consumer = stream.consumer("billing").deliveries_max(2).open().await.unwrap();
        let delivery = consumer.next().await.unwrap();
        if show(&delivery) == "good" {
            break;
        }
        deaths += 1;
        std::mem::forget((consumer, delivery));
        place.clock.advance(WAIT);
    }
    // The first one is told of with the next write, to which it did not come.
    assert_eq!((deaths, dead(&stream).await), (3, vec!["deadly".to_owned()]));
}

async fn who_works_on_one_keeps_what_it_has_fetched_behind_it(place: Place) {
    let stream = place.stream(orders()).await;
    publish_numbers(&stream, 60).await;
    let mut slow = stream.consumer("billing").deliveries_max(10).open().await.unwrap();
    let mut other = stream.consumer("billing").deliveries_max(10).open().await.unwrap();
    let mut done = Vec::new();
    for _ in 0..60 {
        let delivery = slow.next().await.unwrap();
        for _ in 0..3 {
            place.clock.advance(WAIT * 2 / 5);
            delivery.in_progress().await.unwrap();
        }
        assert!(all(&mut other).await.is_empty());
        delivery.ack().await.unwrap();
        done.push(show(&delivery));
    }
    let expected: Vec<String> = (1..=60).map(|n| n.to_string()).collect();
    assert_eq!((done, dead(&stream).await.len()), (expected, 0));
}

async fn who_answers_keeps_what_it_has_fetched_too(place: Place) {
    let stream = place.stream(orders()).await;
    publish_numbers(&stream, 8).await;
    let mut slow = stream.consumer("billing").ack_wait(ms(400)).open().await.unwrap();
    let mut other = stream.consumer("billing").ack_wait(ms(400)).open().await.unwrap();
    let batch = slow.next_batch(4).await.unwrap();
    for delivery in &batch {
        place.clock.advance(150);
        tokio::time::sleep(ms(150)).await;
        delivery.ack().await.unwrap();
        let taken = all(&mut other).await;
        let is_fetched_only = |seq: Seq| seq.0 > 4;
        assert!(!taken.iter().any(|delivery| is_fetched_only(delivery.seq)), "{taken:?}");
    }
}

async fn what_was_fetched_and_not_handed_out_comes_again_uncounted(place: Place) {
    let stream = place.stream(orders()).await;
    publish_numbers(&stream, 3).await;
    let mut one = stream.consumer("billing").open().await.unwrap();
    let first = one.next().await.unwrap();
    first.in_progress().await.unwrap();
    std::mem::forget((one, first));
    let mut other = stream.consumer("billing").open().await.unwrap();
    place.clock.advance(WAIT - 1);
    assert!(all(&mut other).await.is_empty());
    place.clock.advance(1);
    assert_eq!(shown(&all(&mut other).await), ["1 x2", "2", "3"]);
}

async fn without_a_limit_a_message_comes_again_for_ever(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    for deliveries in 1..=30 {
        let delivery = consumer.next().await.unwrap();
        assert_eq!(delivery.deliveries(), deliveries);
        delivery.nak_after(ms(0)).await.unwrap();
    }
    assert!(dead(&stream).await.is_empty());
}

async fn a_batch_of_what_comes_again_is_charged_together_and_to_nobody_else(place: Place) {
    let stream = place.stream(orders()).await;
    publish_numbers(&stream, 6).await;
    let mut one = stream.consumer("billing").open().await.unwrap();
    let batch = all(&mut one).await;
    batch[0].in_progress().await.unwrap();
    std::mem::forget((one, batch));
    place.clock.advance(WAIT);
    let mut two = stream.consumer("billing").open().await.unwrap();
    assert_eq!(shown(&two.next_batch(4).await.unwrap()), ["1 x2", "2 x2", "3 x2", "4 x2"]);
    drop(two);
    // As long as what was given back waits.
    place.clock.advance(1_000);
    let mut three = stream.consumer("billing").open().await.unwrap();
    let mut rest = shown(&all(&mut three).await);
    rest.sort_unstable();
    assert_eq!(rest, ["1 x3", "2 x3", "3 x3", "4 x3", "5 x2", "6 x2"]);
}

async fn a_next_that_is_dropped_while_it_is_counted_costs_no_delivery(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let mut one = stream.consumer("billing").open().await.unwrap();
    let first = one.next().await.unwrap();
    first.in_progress().await.unwrap();
    std::mem::forget((one, first));
    place.clock.advance(WAIT);
    let mut polls = 1;
    let again = loop {
        let mut consumer = stream.consumer("billing").open().await.unwrap();
        if let Some(delivery) = cancel_at(polls, consumer.next()).await {
            break show(&delivery.unwrap());
        }
        polls += 1;
    };
    assert!(polls > 2, "it waits for the fetch, and to be counted");
    assert_eq!(again, "1 x2");
}
