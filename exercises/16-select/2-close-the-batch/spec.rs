//! The tests of exercise 16.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::sut::collect;

/// Sends events 1, 2, … with these pauses before each, then ends the channel after `then_ms`. Collects one batch, and
/// compares it, and when it was closed.
async fn collected(pauses_ms: &[u64], then_ms: u64, expected: (&[u32], u128), why: &str) {
    let (tx, mut rx) = mpsc::channel(8);
    let pauses_ms = pauses_ms.to_vec();
    let sending = tokio::spawn(async move {
        for (event, pause_ms) in (1..).zip(pauses_ms) {
            sleep(Duration::from_millis(pause_ms)).await;
            if tx.send(event).await.is_err() {
                return;
            }
        }
        sleep(Duration::from_millis(then_ms)).await;
    });
    let started = Instant::now();
    let batch = timeout(HOUR, collect(&mut rx)).await.expect("no task can go on");
    let at_ms = started.elapsed().as_millis();
    sending.abort();
    let (events, closed_ms) = expected;
    assert!(
        (batch.as_slice(), at_ms) == expected,
        "{why}: expected {events:?}, closed at {closed_ms} ms, and got {batch:?}, closed at {at_ms} ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_is_closed_at_once() {
    collected(&[10, 20, 30, 40, 50], 60_000, (&[1, 2, 3, 4], 100), "four events make a batch").await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_open_for_a_second_and_not_longer() {
    let why = "an event came every 400 ms, and the batch was begun at 0 ms";
    collected(&[400, 400, 400, 400], 60_000, (&[1, 2], 1000), why).await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_channel_closes_the_batch() {
    let why = "the channel ended at 130 ms, after two events";
    collected(&[50, 50], 30, (&[1, 2], 130), why).await;
}

#[tokio::test(start_paused = true)]
async fn without_events_the_batch_is_empty_after_a_second() {
    collected(&[], 60_000, (&[], 1000), "no event came").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_this_batch_is_in_the_next() {
    let (tx, mut rx) = mpsc::channel(8);
    for event in 1..=6 {
        tx.send(event).await.unwrap();
    }
    drop(tx);
    let first = timeout(HOUR, collect(&mut rx)).await.expect("no task can go on");
    let second = timeout(HOUR, collect(&mut rx)).await.expect("no task can go on");
    assert_eq!((first, second), (vec![1, 2, 3, 4], vec![5, 6]), "six events are sent, and none may be lost");
}
