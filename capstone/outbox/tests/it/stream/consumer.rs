//! Consumers: acknowledgement, redelivery, dead letters, restarts.

use capstone_outbox::Seq;
use capstone_outbox::stream::{Start, StreamError};
use futures::StreamExt;

use super::{Place, all, on, orders, publish, show, shown, text};
use crate::support::ms;

const WAIT: u64 = 30_000;

on_each_store!(
    what_nobody_answers_comes_again_after_the_ack_wait_and_not_before,
    work_in_progress_begins_the_ack_wait_anew_but_only_for_the_last_delivery,
    what_is_given_back_waits_for_its_delay_or_for_the_back_off,
    after_its_last_delivery_a_message_is_a_dead_letter_that_says_why,
    the_floor_survives_a_restart_and_what_was_in_hand_comes_again,
    no_more_is_handed_out_than_may_be_pending_until_something_is_answered,
    with_one_pending_at_most_the_order_holds_through_failures,
    a_batch_is_acknowledged_in_one_transaction,
    it_is_a_stream_that_combinators_take,
    a_durable_consumer_keeps_its_filter_and_takes_new_settings,
    a_deleted_consumer_is_gone_for_its_members_and_can_begin_again,
    an_ephemeral_consumer_is_forgotten_with_its_member_or_after_five_minutes_of_silence,
    everything_can_be_done_in_a_task_of_its_own,
);

async fn what_nobody_answers_comes_again_after_the_ack_wait_and_not_before(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2"]).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let first = all(&mut consumer).await;
    assert_eq!(shown(&first), ["1", "2"]);
    first[1].ack().await.unwrap();

    place.clock.advance(WAIT - 1);
    assert!(all(&mut consumer).await.is_empty());
    place.clock.advance(1);
    let again = all(&mut consumer).await;
    assert_eq!(shown(&again), ["1 x2"]);

    // An answer to the first delivery: late, but done is done.
    first[0].ack().await.unwrap();
    place.clock.advance(WAIT);
    assert!(all(&mut consumer).await.is_empty());
    assert_eq!(stream.consumers().await.unwrap()[0].ack_floor, Seq(2));
}

async fn work_in_progress_begins_the_ack_wait_anew_but_only_for_the_last_delivery(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let first = consumer.next().await.unwrap();
    place.clock.advance(WAIT - 1);
    first.in_progress().await.unwrap();
    place.clock.advance(WAIT - 1);
    assert!(all(&mut consumer).await.is_empty());
    place.clock.advance(1);
    let second = consumer.next().await.unwrap();
    assert_eq!(show(&second), "1 x2");

    first.nak().await.unwrap();
    place.clock.advance(WAIT / 2);
    assert!(all(&mut consumer).await.is_empty(), "the second has it");
    first.in_progress().await.unwrap();
    place.clock.advance(WAIT / 2);
    assert_eq!(shown(&all(&mut consumer).await), ["1 x3"], "neither postponed nor given back by the first");
}

async fn what_is_given_back_waits_for_its_delay_or_for_the_back_off(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let builder = stream.consumer("billing").backoff([ms(100), ms(500)]);
    let mut consumer = builder.open().await.unwrap();
    consumer.next().await.unwrap().nak_after(ms(7)).await.unwrap();
    for wait in [7, 500, 500] {
        place.clock.advance(wait - 1);
        assert!(all(&mut consumer).await.is_empty(), "{wait}");
        place.clock.advance(1);
        consumer.next().await.unwrap().nak().await.unwrap();
    }
    place.clock.advance(500);
    // Dropping is giving back.
    assert_eq!(show(&consumer.next().await.unwrap()), "1 x5");
    place.clock.advance(499);
    assert!(all(&mut consumer).await.is_empty());
    place.clock.advance(1);
    assert_eq!(show(&consumer.next().await.unwrap()), "1 x6");
}

async fn after_its_last_delivery_a_message_is_a_dead_letter_that_says_why(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["silent", "refused", "hopeless", "good"]).await;
    let builder = stream.consumer("billing").deliveries_max(2).backoff([ms(100)]);
    let mut consumer = builder.open().await.unwrap();
    let first = all(&mut consumer).await;
    first[1].nak().await.unwrap();
    first[2].term("no such customer").await.unwrap();
    first[3].ack().await.unwrap();
    place.clock.advance(100);
    consumer.next().await.unwrap().nak().await.unwrap();
    place.clock.advance(WAIT - 100);
    let silent = consumer.next().await.unwrap();
    assert_eq!(show(&silent), "silent x2");
    place.clock.advance(WAIT);
    assert!(all(&mut consumer).await.is_empty());

    let dead = stream.dead_letters(None, 10).await.unwrap();
    let dead: Vec<_> = dead
        .iter()
        .map(|dead| {
            format!("{} {} {}: {}", dead.consumer, text(&dead.message.payload), dead.deliveries, dead.reason)
        })
        .collect();
    assert_eq!(
        dead,
        [
            "billing hopeless 1: no such customer",
            "billing refused 2: given back after the last of 2 deliveries",
            "billing silent 2: no answer to the last of 2 deliveries within 30s",
        ]
    );
    let billing = &stream.consumers().await.unwrap()[0];
    assert_eq!((billing.ack_floor, billing.pending), (Seq(4), 0), "it has passed them");
    assert_eq!(stream.info().await.unwrap().dead, 3);
}

async fn the_floor_survives_a_restart_and_what_was_in_hand_comes_again(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3", "4"]).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let deliveries = all(&mut consumer).await;
    deliveries[0].ack().await.unwrap();
    deliveries[2].ack().await.unwrap();
    // A kill: nothing is dropped, nothing is told.
    std::mem::forget((consumer, deliveries));

    let stream = place.streams().await.get("orders").await.unwrap();
    let billing = &stream.consumers().await.unwrap()[0];
    assert_eq!((billing.ack_floor, billing.pending, billing.waiting), (Seq(1), 2, 0));
    publish(&stream, &["5"]).await;
    let mut consumer = stream.consumer("billing").start(Start::New).open().await.unwrap();
    let new = consumer.next().await.unwrap();
    assert_eq!(show(&new), "5", "where to start matters to a new consumer only");
    new.ack().await.unwrap();
    place.clock.advance(WAIT);
    assert_eq!(shown(&all(&mut consumer).await), ["2 x2", "4 x2"]);
}

async fn no_more_is_handed_out_than_may_be_pending_until_something_is_answered(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3", "4"]).await;
    let mut consumer = stream.consumer("billing").pending_max(2).open().await.unwrap();
    let mut held = all(&mut consumer).await;
    assert_eq!(shown(&held), ["1", "2"]);
    held.remove(0).ack().await.unwrap();
    assert_eq!(shown(&all(&mut consumer).await), ["3"]);

    // And whoever waits is told.
    let waiting = async { consumer.next().await.map(|delivery| show(&delivery)) };
    let (found, acked) = tokio::join!(waiting, held[0].ack());
    acked.unwrap();
    assert_eq!(found.unwrap(), "4");
}

async fn with_one_pending_at_most_the_order_holds_through_failures(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    let builder = stream.consumer("billing").pending_max(1).backoff([ms(100)]);
    let mut consumer = builder.open().await.unwrap();
    let mut done = Vec::new();
    for tries in 0..9 {
        place.clock.advance(100);
        let delivery = consumer.next().await.unwrap();
        if tries % 3 < 2 {
            delivery.nak().await.unwrap();
        } else {
            done.push(show(&delivery));
            delivery.ack().await.unwrap();
        }
    }
    assert_eq!(done, ["1 x3", "2 x3", "3 x3"]);
}

async fn a_batch_is_acknowledged_in_one_transaction(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let batch = consumer.next_batch(2).await.unwrap();
    assert_eq!(shown(&batch), ["1", "2"]);
    consumer.ack_all(&batch).await.unwrap();
    drop(batch);
    assert_eq!(shown(&consumer.next_batch(10).await.unwrap()), ["3"]);
    assert_eq!(stream.consumers().await.unwrap()[0].ack_floor, Seq(2));
}

async fn it_is_a_stream_that_combinators_take(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    let consumer = stream.consumer("billing").open().await.unwrap();
    let taken = StreamExt::take(consumer, 3).then(async |delivery| {
        let delivery = delivery.unwrap();
        delivery.ack().await.unwrap();
        text(&delivery.payload)
    });
    assert_eq!(taken.collect::<Vec<_>>().await, ["1", "2", "3"]);
    let read = StreamExt::take(stream.read(Start::First), 2).map(|record| record.unwrap().message.seq);
    assert_eq!(read.collect::<Vec<_>>().await, [Seq(1), Seq(2)]);
}

async fn a_durable_consumer_keeps_its_filter_and_takes_new_settings(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let filtered = || stream.consumer("billing").filter("orders.*".parse().unwrap());
    drop(filtered().open().await.unwrap());
    let error = stream.consumer("billing").open().await.err().unwrap();
    assert_eq!(error.to_string(), "consumer \"billing\" exists with the filter orders.*, not none");
    let mut consumer = filtered().ack_wait(ms(300)).open().await.unwrap();
    let held = all(&mut consumer).await;
    place.clock.advance(300);
    tokio::time::sleep(ms(300)).await;
    assert_eq!(shown(&all(&mut consumer).await), ["1 x2"]);
    drop(held);
}

async fn a_deleted_consumer_is_gone_for_its_members_and_can_begin_again(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let held = consumer.next().await.unwrap();
    assert!(stream.delete_consumer("billing").await.unwrap());
    assert!(!stream.delete_consumer("billing").await.unwrap());
    held.ack().await.unwrap();
    let error = consumer.try_next().await.unwrap_err();
    assert!(matches!(error, StreamError::NoConsumer { .. }), "{error}");
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    assert_eq!(shown(&all(&mut consumer).await), ["1"], "an answer to the old one is none to the new one");
}

async fn an_ephemeral_consumer_is_forgotten_with_its_member_or_after_five_minutes_of_silence(place: Place) {
    let streams = place.streams().await;
    let stream = streams.create(orders()).await.unwrap();
    let count = async || stream.consumers().await.unwrap().len();
    let dropped = stream.ephemeral_consumer().open().await.unwrap();
    let killed = stream.ephemeral_consumer().open().await.unwrap();
    let mut used = stream.ephemeral_consumer().open().await.unwrap();
    drop(dropped);
    assert_eq!(count().await, 2);
    std::mem::forget(killed);
    place.clock.advance(4 * 60_000);
    assert!(all(&mut used).await.is_empty());
    streams.tidy().await.unwrap();
    assert_eq!(count().await, 2);
    place.clock.advance(60_000);
    streams.tidy().await.unwrap();
    assert_eq!(count().await, 1, "the one that is pulled for stays");
    stream.publish(on("orders.created", "1")).await.unwrap();
    assert_eq!(shown(&all(&mut used).await), ["1"]);
}

async fn everything_can_be_done_in_a_task_of_its_own(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2"]).await;
    let task = tokio::spawn(async move {
        let mut consumer = stream.consumer("billing").open().await?;
        let batch = consumer.next_batch(1).await?;
        consumer.ack_all(&batch).await?;
        consumer.next().await?.ack().await?;
        stream.read(Start::First).next().await.map(drop)
    });
    task.await.unwrap().unwrap();
}
