//! The tests of exercise 16.2. Your file and the solution are tested by this one copy.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::sut::collect;

const STUCK: &str = "collect does not return, and no task can make progress";

/// A shop sends these events, each with its millisecond, and closes the channel at `closes_ms`. Collects one batch after
/// another until then, and logs when each was closed, and what was in it.
async fn batches(events: &[(u64, u32)], closes_ms: u64) -> Journal {
    let journal = Journal::new();
    let (tx, mut rx) = mpsc::channel(16);
    let shop = tokio::spawn(send(events.to_vec(), closes_ms, tx, journal.clone()));
    // A right answer closes three batches at most. One that returns at once would close batches without end.
    for _ in 0..5 {
        if rx.is_closed() && rx.is_empty() {
            break;
        }
        let batch = timeout(HOUR, without_polling(collect(&mut rx))).await.expect(STUCK);
        journal.log("batch", format_args!("closed with {batch:?}"));
    }
    shop.await.expect("the shop does not panic");
    journal
}

async fn send(events: Vec<(u64, u32)>, closes_ms: u64, tx: mpsc::Sender<u32>, journal: Journal) {
    let zero = Instant::now();
    for (at_ms, event) in events {
        sleep_until(zero + Duration::from_millis(at_ms)).await;
        journal.log("shop", format_args!("sends {event}"));
        tx.send(event).await.expect("the receiver outlives the shop");
    }
    sleep_until(zero + Duration::from_millis(closes_ms)).await;
    journal.log("shop", "closes the channel");
}

/// Panics when the future is polled again and again: then it looks for events instead of waiting for them.
async fn without_polling<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        assert!(
            polls <= 20,
            "collect was polled {polls} times for one batch of at most 4 events: it keeps looking for events, and must wait until \
             something happens. Is there a short sleep in the loop? Does the loop go on after `recv` has returned `None`?"
        );
        future.as_mut().poll(cx)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_is_closed_at_once() {
    assert_journal!(
        batches(&[(10, 7), (40, 3), (55, 9), (130, 1), (190, 4)], 1210).await,
        [
            (10, "shop", "sends 7"),
            (40, "shop", "sends 3"),
            (55, "shop", "sends 9"),
            (130, "shop", "sends 1"),
            (130, "batch", "closed with [7, 3, 9, 1]"),
            (190, "shop", "sends 4"),
            (1130, "batch", "closed with [4]"), // was opened at 130 ms
            (1210, "shop", "closes the channel"),
            (1210, "batch", "closed with []"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_open_for_a_second_and_not_longer() {
    assert_journal!(
        batches(&[(370, 5), (740, 2), (1110, 8), (1480, 6)], 1790).await,
        [
            (370, "shop", "sends 5"),
            (740, "shop", "sends 2"),
            (1000, "batch", "closed with [5, 2]"),
            (1110, "shop", "sends 8"),
            (1480, "shop", "sends 6"),
            (1790, "shop", "closes the channel"),
            (1790, "batch", "closed with [8, 6]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_channel_closes_the_batch() {
    assert_journal!(
        batches(&[(57, 2), (91, 1)], 133).await,
        [
            (57, "shop", "sends 2"),
            (91, "shop", "sends 1"),
            (133, "shop", "closes the channel"),
            (133, "batch", "closed with [2, 1]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_events_the_batch_is_empty_after_a_second() {
    assert_journal!(
        batches(&[(2070, 3)], 2310).await,
        [
            (1000, "batch", "closed with []"),
            (2000, "batch", "closed with []"),
            (2070, "shop", "sends 3"),
            (2310, "shop", "closes the channel"),
            (2310, "batch", "closed with [3]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_is_in_the_next_batch() {
    assert_journal!(
        batches(&[(130, 4), (290, 9), (290, 1), (290, 7), (290, 3), (290, 8), (290, 2)], 1350).await,
        [
            (130, "shop", "sends 4"),
            (290, "shop", "sends 9"),
            (290, "shop", "sends 1"),
            (290, "shop", "sends 7"),
            (290, "shop", "sends 3"),
            (290, "shop", "sends 8"),
            (290, "shop", "sends 2"),
            (290, "batch", "closed with [4, 9, 1, 7]"),
            (1290, "batch", "closed with [3, 8, 2]"),
            (1350, "shop", "closes the channel"),
            (1350, "batch", "closed with []"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_has_ended_still_holds_events() {
    let (tx, mut rx) = mpsc::channel(16);
    for event in [5, 3, 6, 1, 4, 2] {
        tx.send(event).await.unwrap();
    }
    drop(tx);
    let started = Instant::now();
    for expected in [vec![5, 3, 6, 1], vec![4, 2], vec![]] {
        let batch = timeout(HOUR, without_polling(collect(&mut rx))).await.expect(STUCK);
        assert!(
            batch == expected,
            "six events were in the channel when it ended, and none must be lost: expected {expected:?}, and got {batch:?}"
        );
    }
    let took_ms = started.elapsed().as_millis();
    assert!(
        took_ms == 0,
        "all events were there, and no more could come: the three batches must be closed at 0 ms, \
         and the last was closed at {took_ms} ms"
    );
}
