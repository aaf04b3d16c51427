//! What lesson 22 claims about `chunks_timeout`: each claim a test, on the paused clock.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use lesson_22::batches::micro_batches;
use lesson_22::broker::{Order, Payment};
use shared::{HOUR, Pace};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_test::{assert_pending, task::spawn};

const LIMIT: Duration = Duration::from_millis(500);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test]
async fn an_order_that_is_free_has_no_payment() {
    let (tx, rx) = mpsc::channel(3);
    for (id, cents) in [(7, 1250), (3, 0), (9, 800)] {
        tx.send(Order { id, cents }).await.unwrap();
    }
    drop(tx);
    let mut batches = pin!(micro_batches(rx, Pace::FULL));
    let batch = batches.next().await.unwrap();
    assert_eq!(batch, [Payment { order: 7, cents: 1250 }, Payment { order: 9, cents: 800 }]);
}

#[tokio::test(start_paused = true)]
async fn the_timer_starts_with_the_first_of_a_batch_and_later_ones_do_not_restart_it() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel(8));
    let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(100, LIMIT));
    tokio::spawn(async move {
        for order in 1.. {
            sleep(ms(190)).await;
            if tx.send(order).await.is_err() {
                break;
            }
        }
    });
    // Not from 0 ms on, when the stream was created; and not from 570 ms on, when order 3 came.
    assert_eq!((batches.next().await, started.elapsed()), (Some(vec![1, 2, 3]), ms(190 + 500)));
    // Order 4 came at 760 ms.
    assert_eq!((batches.next().await, started.elapsed()), (Some(vec![4, 5, 6]), ms(760 + 500)));
}

#[tokio::test(start_paused = true)]
async fn without_orders_there_is_no_batch_and_no_batch_is_empty() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel::<u32>(8));
    let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(100, LIMIT));
    assert!(timeout(HOUR, batches.next()).await.is_err());
    assert_eq!(started.elapsed(), HOUR);
    drop(tx);
    assert_eq!(batches.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_waits_for_nothing_and_neither_does_the_last() {
    let started = Instant::now();
    let mut batches = pin!(stream::iter(1..=250).chunks_timeout(100, LIMIT));
    let mut sizes = Vec::new();
    while let Some(batch) = batches.next().await {
        sizes.push(batch.len());
    }
    assert_eq!((sizes, started.elapsed()), (vec![100, 100, 50], ms(0)));
}

#[tokio::test(start_paused = true)]
async fn wrong_nobody_asks_for_a_batch_so_no_timer_starts() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel(8));
    let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(100, LIMIT));
    tx.send(1).await.unwrap();
    sleep(ms(700)).await; // busy with something else
    assert_eq!(batches.next().await, Some(vec![1]));
    assert_eq!(started.elapsed(), ms(700 + 500));
}

#[tokio::test(start_paused = true)]
async fn what_has_come_by_the_next_poll_joins_a_batch_whose_time_is_over() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel(8));
    let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(3, LIMIT));
    tx.send(1).await.unwrap();
    assert_pending!(spawn(batches.next()).poll()); // takes order 1, and starts the timer
    sleep(ms(700)).await;
    tx.send(2).await.unwrap();
    assert_eq!((batches.next().await, started.elapsed()), (Some(vec![1, 2]), ms(700)));
}

#[tokio::test(start_paused = true)]
async fn wrong_while_all_slots_are_taken_the_timer_of_the_next_batch_does_not_start() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel(8));
    let sent_at = async |batch: Vec<u32>| {
        let at = started.elapsed();
        sleep(ms(900)).await;
        (batch, at)
    };
    let batches = ReceiverStream::new(rx).chunks_timeout(100, LIMIT);
    let mut writes = pin!(futures::StreamExt::buffer_unordered(batches.map(sent_at), 2));
    tokio::spawn(async move {
        for order in 1..=3 {
            tx.send(order).await.unwrap(); // at 0, 600 and 1200 ms
            sleep(ms(600)).await;
        }
        tx.closed().await;
    });
    assert_eq!(writes.next().await, Some((vec![1], ms(500))));
    assert_eq!(writes.next().await, Some((vec![2], ms(600 + 500))));
    // Both slots were taken until 1400 ms. Order 3 waited in the channel, and no timer ran.
    assert_eq!(writes.next().await, Some((vec![3], ms(1400 + 500))));
}

#[tokio::test(start_paused = true)]
async fn a_next_that_is_dropped_loses_neither_the_batch_nor_its_timer() {
    let (started, (tx, rx)) = (Instant::now(), mpsc::channel(8));
    let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(100, LIMIT));
    tx.send(1).await.unwrap();
    for _ in 0..4 {
        assert!(timeout(ms(110), batches.next()).await.is_err());
    }
    assert_eq!((batches.next().await, started.elapsed()), (Some(vec![1]), ms(500)));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_stream_that_is_dropped_takes_its_open_batch_and_its_channel_along() {
    let (tx, rx) = mpsc::channel(8);
    let (taken, queued) = (Arc::new("order 1"), Arc::new("order 2"));
    {
        let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(100, LIMIT));
        tx.send(taken.clone()).await.unwrap();
        assert_pending!(spawn(batches.next()).poll());
        tx.send(queued.clone()).await.unwrap();
        assert_eq!((Arc::strong_count(&taken), Arc::strong_count(&queued)), (2, 2));
    }
    assert_eq!((Arc::strong_count(&taken), Arc::strong_count(&queued)), (1, 1));
    assert!(tx.is_closed());
}

#[test]
#[should_panic(expected = "`max_size` must be non-zero")]
fn wrong_a_batch_of_none_panics() {
    let _batches = stream::iter([1]).chunks_timeout(0, LIMIT);
}
