//! What a stream keeps, and what those notice who are behind.

use std::time::Duration;

use capstone_outbox::Seq;
use capstone_outbox::stream::{Start, Stream};

use super::{Place, all, on, orders, publish, shown, text};

on_each_store!(
    the_count_is_bounded,
    the_size_is_bounded_and_the_newest_stays_whatever_its_size,
    the_age_is_bounded_with_the_next_publish_or_by_tidying,
    a_bound_that_is_lowered_is_reached_in_small_steps,
    who_is_behind_the_retention_is_told_of_the_gap,
    the_clock_may_go_back_and_times_in_the_stream_do_not,
    a_clock_that_was_ahead_keeps_nothing_for_longer_than_its_age,
    what_a_wrong_clock_wrote_is_mended_without_a_publish,
    numbers_are_cut_off_from_the_front_in_steps,
);

async fn kept(stream: &Stream) -> (i64, i64) {
    let info = stream.info().await.unwrap();
    (info.first.0, info.last.0)
}

async fn the_count_is_bounded(place: Place) {
    let stream = place.stream(orders().count_max(3)).await;
    publish(&stream, &["1", "2", "3"]).await;
    assert_eq!(kept(&stream).await, (1, 3));
    publish(&stream, &["4", "5"]).await;
    assert_eq!(kept(&stream).await, (3, 5));
}

async fn the_size_is_bounded_and_the_newest_stays_whatever_its_size(place: Place) {
    // A topic of 1 byte, headers of 2, a payload of 7.
    let stream = place.stream(orders().bytes_max(25)).await;
    let ten = || on("a", "1234567");
    stream.publish(ten()).await.unwrap();
    stream.publish(ten()).await.unwrap();
    assert_eq!((kept(&stream).await, stream.info().await.unwrap().bytes), ((1, 2), 20));
    stream.publish(ten()).await.unwrap();
    assert_eq!((kept(&stream).await, stream.info().await.unwrap().bytes), ((2, 3), 20));
    stream.publish(on("a", &"x".repeat(100))).await.unwrap();
    assert_eq!((kept(&stream).await, stream.info().await.unwrap().bytes), ((4, 4), 103));
}

async fn the_age_is_bounded_with_the_next_publish_or_by_tidying(place: Place) {
    let streams = place.streams().await;
    let stream = streams.create(orders().age_max(Duration::from_secs(60))).await.unwrap();
    publish(&stream, &["1"]).await;
    place.clock.advance(30_000);
    publish(&stream, &["2"]).await;
    place.clock.advance(29_999);
    publish(&stream, &["3"]).await;
    assert_eq!(kept(&stream).await, (1, 3));
    place.clock.advance(1);
    publish(&stream, &["4"]).await;
    assert_eq!(kept(&stream).await, (2, 4));
    place.clock.advance(60_000);
    assert!(!streams.tidy().await.unwrap());
    assert_eq!(kept(&stream).await, (5, 4), "none is left, and no number is used again");
    assert_eq!(stream.info().await.unwrap().bytes, 0);
    publish(&stream, &["5"]).await;
    assert_eq!(kept(&stream).await, (5, 5));
}

async fn a_bound_that_is_lowered_is_reached_in_small_steps(place: Place) {
    let streams = place.streams().await;
    let stream = streams.create(orders()).await.unwrap();
    publish(&stream, &["x"; 3_000]).await;
    let stream = streams.create(orders().count_max(10)).await.unwrap();
    publish(&stream, &["x"]).await;
    assert_eq!(kept(&stream).await, (19, 3_001), "twice what it adds, and 16");
    let mut steps = 1;
    while streams.tidy().await.unwrap() {
        steps += 1;
    }
    assert_eq!((steps, kept(&stream).await), (3, (2_992, 3_001)));
}

async fn who_is_behind_the_retention_is_told_of_the_gap(place: Place) {
    let stream = place.stream(orders().count_max(2)).await;
    let mut consumer = stream.consumer("billing").fetch_ahead(1).open().await.unwrap();
    let mut reader = stream.read(Start::First);
    publish(&stream, &["1"]).await;
    assert_eq!(reader.next().await.unwrap().gap, 0);
    let held = consumer.next().await.unwrap();
    publish(&stream, &["2", "3", "4", "5"]).await;

    let found = all(&mut consumer).await;
    let gaps: Vec<u64> = found.iter().map(super::Delivery::gap).collect();
    assert_eq!((shown(&found), gaps), (vec!["4".into(), "5".into()], vec![2, 0]));
    let record = reader.next().await.unwrap();
    assert_eq!((text(&record.message.payload), record.gap), ("4".into(), 2));
    assert_eq!(reader.next().await.unwrap().gap, 0);

    // What was in somebody's hands is gone too: it cannot come again, which counts.
    held.nak_after(Duration::ZERO).await.unwrap();
    assert!(all(&mut consumer).await.is_empty());
    let billing = &stream.consumers().await.unwrap()[0];
    assert_eq!((billing.missed, billing.pending, billing.ack_floor), (3, 2, Seq(3)));
    publish(&stream, &["6"]).await;
    assert_eq!(all(&mut consumer).await[0].gap(), 1);
}

async fn the_clock_may_go_back_and_times_in_the_stream_do_not(place: Place) {
    let stream = place.stream(orders()).await;
    place.clock.advance(10_000);
    publish(&stream, &["1"]).await;
    let other = place.streams_by(&super::Clock::default()).await.get("orders").await.unwrap();
    publish(&other, &["2"]).await;
    let mut reader = stream.read(Start::Time(super::Clock::at(10_000)));
    let times = [reader.next().await.unwrap().published_at, reader.next().await.unwrap().published_at];
    assert_eq!(times, [super::Clock::at(10_000); 2]);
}

/// Ten years.
const AHEAD: u64 = 10 * 365 * 24 * 3_600 * 1_000;

async fn a_clock_that_was_ahead_keeps_nothing_for_longer_than_its_age(place: Place) {
    let stream = place.stream(orders().age_max(Duration::from_secs(60))).await;
    publish(&stream, &["1"]).await;
    let ahead = super::Clock::default();
    ahead.advance(AHEAD);
    let wrong = place.streams_by(&ahead).await.get("orders").await.unwrap();
    // More than one publish mends.
    publish(&wrong, &["x"; 100]).await;
    assert_eq!(kept(&stream).await, (2, 101), "by its clock the first is old");
    publish(&stream, &["102"]).await;
    for _ in 0..10 {
        publish(&stream, &["x"]).await;
    }
    assert_eq!(kept(&stream).await, (2, 112));
    place.clock.advance(59_999);
    publish(&stream, &["113"]).await;
    assert_eq!(kept(&stream).await, (2, 113));
    place.clock.advance(1);
    let mut reader = stream.read(Start::Time(super::Clock::at(59_999)));
    assert_eq!(reader.next().await.unwrap().message.seq, Seq(113), "a time is found again");
    for _ in 0..10 {
        publish(&stream, &["x"]).await;
    }
    assert_eq!(kept(&stream).await, (113, 123));
}

async fn what_a_wrong_clock_wrote_is_mended_without_a_publish(place: Place) {
    let streams = place.streams().await;
    let stream = streams.create(orders().age_max(Duration::from_secs(60))).await.unwrap();
    let ahead = super::Clock::default();
    ahead.advance(AHEAD);
    let wrong = place.streams_by(&ahead).await.get("orders").await.unwrap();
    publish(&wrong, &["x"; 1_500]).await;
    assert!(streams.tidy().await.unwrap(), "in steps");
    assert!(!streams.tidy().await.unwrap());
    assert_eq!(kept(&stream).await, (1, 1_500));
    place.clock.advance(60_000);
    while streams.tidy().await.unwrap() {}
    assert_eq!(kept(&stream).await, (1_501, 1_500));
}

async fn numbers_are_cut_off_from_the_front_in_steps(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["x"; 2_500]).await;
    let mut behind = stream.consumer("billing").fetch_ahead(1).open().await.unwrap();
    behind.next().await.unwrap().ack().await.unwrap();
    assert_eq!(stream.trim(Seq(2_401)).await.unwrap(), 2_400);
    assert_eq!((kept(&stream).await, stream.info().await.unwrap().bytes), ((2_401, 2_500), 100 * 17));
    assert_eq!(stream.trim(Seq(17)).await.unwrap(), 0);
    assert_eq!(behind.next().await.unwrap().gap(), 2_399);
    assert_eq!(stream.purge().await.unwrap(), 100);
    assert_eq!((kept(&stream).await, stream.info().await.unwrap().bytes), ((2_501, 2_500), 0));
    publish(&stream, &["y"]).await;
    assert_eq!(kept(&stream).await, (2_501, 2_501), "no number is used again");
}
