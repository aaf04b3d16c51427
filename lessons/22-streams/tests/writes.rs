//! What lesson 22 claims about streams, `buffered` and `buffer_unordered`: each claim a test, on the paused clock.

use std::cell::Cell;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use lesson_22::broker::{Broker, Refused};
use lesson_22::shop::six_orders;
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::mpsc;
use tokio::task;
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_test::{assert_pending, assert_ready_eq, task::spawn};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// ANCHOR: lazy
#[test]
fn a_stream_does_nothing_until_it_is_polled() {
    let mapped = Cell::new(0);
    let dollars = stream::iter([12, 30]);
    let mut cents = dollars.map(|dollars| {
        mapped.set(mapped.get() + 1);
        dollars * 100
    });
    assert_eq!(mapped.get(), 0);
    assert_ready_eq!(spawn(cents.next()).poll(), Some(1200));
    assert_eq!(mapped.get(), 1);
}
// ANCHOR_END: lazy

#[tokio::test]
async fn a_channel_as_a_stream_ends_with_its_last_sender_and_closes_when_it_is_dropped() {
    let (tx, rx) = mpsc::channel(3);
    tx.send(1).await.unwrap();
    let mut orders = ReceiverStream::new(rx);
    assert_eq!(orders.next().await, Some(1));
    assert_pending!(spawn(orders.next()).poll());
    tx.send(2).await.unwrap();
    drop(tx);
    assert_eq!(orders.next().await, Some(2));
    assert_eq!(orders.next().await, None);

    let (tx, rx) = mpsc::channel(3);
    let orders = ReceiverStream::new(rx);
    tx.send(1).await.unwrap();
    drop(orders);
    assert_eq!(tx.send(2).await.unwrap_err().0, 2);
}

#[tokio::test(start_paused = true)]
async fn at_most_four_are_in_flight_and_they_begin_in_order() {
    let (in_flight, most, begun) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let write = async |n: u64| {
        assert_eq!(begun.replace(begun.get() + 1), n);
        in_flight.set(in_flight.get() + 1);
        most.set(most.get().max(in_flight.get()));
        sleep(ms(10 + n * 37 % 101)).await;
        in_flight.set(in_flight.get() - 1);
    };
    let all = stream::iter(0..1000).map(write).buffer_unordered(4).count();
    assert_eq!(timeout(HOUR, all).await.unwrap(), 1000);
    assert_eq!(most.get(), 4);
}

#[tokio::test(start_paused = true)]
async fn while_all_slots_are_taken_the_channel_fills_and_its_sender_waits() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel(1));
    let shop = tokio::spawn(async move {
        let mut sent_at = Vec::new();
        for order in 1..=4 {
            tx.send(order).await.unwrap();
            sent_at.push(started.elapsed());
        }
        sent_at
    });
    let write = async |order: u64| sleep(ms(100 + order)).await;
    ReceiverStream::new(rx).map(write).buffer_unordered(2).count().await;
    // Two are in flight and one is in the channel. The fourth is sent when the first has ended.
    assert_eq!(shop.await.unwrap(), [ms(0), ms(0), ms(0), ms(101)]);
}

#[tokio::test(start_paused = true)]
async fn wrong_with_room_for_none_the_stream_waits_forever() {
    let mut writes = stream::iter([1, 2]).map(async |n| n).buffer_unordered(0);
    assert!(timeout(HOUR, writes.next()).await.is_err());
    let mut writes = stream::iter([1, 2]).map(async |n| n).buffered(0);
    assert!(timeout(HOUR, writes.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_result_frees_its_slot_but_only_next_fills_it() {
    let journal = Journal::new();
    let write = async |order: u64| {
        journal.log(format_args!("order {order}"), "is sent");
        sleep(ms(100 * order)).await;
        order
    };
    let mut writes = stream::iter(1..=3).map(write).buffer_unordered(2);
    assert_eq!(writes.next().await, Some(1)); // at 100 ms
    sleep(ms(50)).await;
    assert_eq!(writes.next().await, Some(2));
    assert_journal!(
        journal,
        [(0, "order 1", "is sent"), (0, "order 2", "is sent"), (150, "order 3", "is sent")]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_write_that_is_not_polled_takes_no_next_step() {
    let started = Instant::now();
    let mut writes = stream::iter([1])
        .map(async |_| {
            sleep(ms(100)).await;
            let sent = started.elapsed();
            sleep(ms(50)).await;
            (sent, started.elapsed())
        })
        .buffer_unordered(4);
    assert_pending!(spawn(writes.next()).poll());
    sleep(ms(700)).await; // the body of a loop
    assert_eq!(writes.next().await, Some((ms(700), ms(750))));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_timeout_counts_while_nothing_polls_the_write() {
    let two_steps = async {
        sleep(ms(100)).await;
        sleep(ms(50)).await;
    };
    let mut writes = stream::iter([two_steps]).map(|write| timeout(ms(200), write)).buffer_unordered(4);
    assert_pending!(spawn(writes.next()).poll());
    sleep(ms(700)).await; // the body of a loop
    assert!(writes.next().await.unwrap().is_err(), "it takes 150 ms, and has 200");
}

#[tokio::test(start_paused = true)]
async fn all_writes_run_in_the_task_of_the_loop_unless_each_is_spawned() {
    tokio::spawn(async {
        let mut ids = stream::iter(0..3).map(async |_| task::id()).buffer_unordered(3);
        while let Some(id) = ids.next().await {
            assert_eq!(id, task::id());
        }
        let mut ids = stream::iter(0..3).map(|_| tokio::spawn(async { task::id() })).buffer_unordered(3);
        while let Some(id) = ids.next().await {
            assert_ne!(id.unwrap(), task::id());
        }
    })
    .await
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn spawned_writes_go_on_while_the_body_waits_and_when_the_stream_is_dropped() {
    let journal = Journal::new();
    let write = |order: u64| {
        let journal = journal.clone();
        tokio::spawn(async move {
            sleep(ms(100 * order)).await;
            journal.log(format_args!("order {order}"), "is confirmed");
        })
    };
    let mut writes = stream::iter(1..=4).map(write).buffer_unordered(4);
    writes.next().await.unwrap().unwrap();
    sleep(ms(150)).await; // the body: 250 ms
    drop(writes); // detaches the tasks
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (100, "order 1", "is confirmed"),
            (200, "order 2", "is confirmed"),
            (300, "order 3", "is confirmed"),
            (400, "order 4", "is confirmed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_try_collect_drops_the_writes_in_flight_too() {
    let journal = Journal::new();
    let broker = Broker::new(Pace::FULL, &journal);
    let outcomes =
        ReceiverStream::new(six_orders().await).map(|order| broker.write(order)).buffer_unordered(4);
    let collected = outcomes.try_collect::<Vec<_>>().await;
    assert_eq!(collected, Err(Refused { order: 2 }));
    let entries = journal.entries();
    let dropped = entries.iter().filter(|entry| entry.what.starts_with("is dropped")).count();
    assert_eq!((dropped, entries.last().unwrap().at_ms), (3, 150));
}

#[tokio::test(start_paused = true)]
async fn a_next_that_is_dropped_leaves_the_writes_in_flight() {
    let started = Instant::now();
    let mut writes = stream::iter([100, 250])
        .map(async |takes_ms| {
            sleep(ms(takes_ms)).await;
            takes_ms
        })
        .buffer_unordered(4);
    assert!(timeout(ms(90), writes.next()).await.is_err());
    assert_eq!(writes.next().await, Some(100));
    assert_eq!(started.elapsed(), ms(100));
    assert!(timeout(ms(90), writes.next()).await.is_err());
    assert_eq!(writes.next().await, Some(250));
    assert_eq!(started.elapsed(), ms(250));
}

// ANCHOR: by-path
#[tokio::test(start_paused = true)]
async fn one_trait_is_imported_and_a_method_of_the_other_is_called_by_its_path() {
    let payments = stream::iter(1..=5); // imported: `futures::StreamExt`
    let batches = tokio_stream::StreamExt::chunks_timeout(payments, 2, ms(500));
    let sizes = batches.map(async |batch| batch.len()).buffered(4);
    assert_eq!(sizes.collect::<Vec<_>>().await, [2, 2, 1]);
}
// ANCHOR_END: by-path
