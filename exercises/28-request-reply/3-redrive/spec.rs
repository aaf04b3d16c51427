//! The tests of exercise 28.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::sut::{DeadLetters, Order};

const DOWN: &str = "the carrier does not answer";
const ADDRESS: &str = "no address";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Dead letters with these orders, the oldest first. Each has had three attempts.
fn letters(orders: &[(u32, &str)]) -> DeadLetters {
    let letters = DeadLetters::default();
    for &(id, reason) in orders {
        letters.add(Order { id, attempts: 3 }, reason);
    }
    letters
}

fn ids(letters: &DeadLetters) -> Vec<u32> {
    letters.look().into_iter().map(|letter| letter.order.id).collect()
}

/// Takes what is in the queue.
fn queued(workers: &mut mpsc::Receiver<Order>) -> Vec<u32> {
    std::iter::from_fn(|| workers.try_recv().ok()).map(|order| order.id).collect()
}

/// Redrives in a task, as an operator does.
fn spawn(letters: &DeadLetters, workers: &mpsc::Sender<Order>) -> JoinHandle<usize> {
    let (letters, workers) = (letters.clone(), workers.clone());
    tokio::spawn(async move { letters.redrive(DOWN, &workers).await })
}

async fn joined(redriving: JoinHandle<usize>) -> usize {
    timeout(HOUR, redriving)
        .await
        .expect("an hour later `redrive` still has not returned")
        .expect("`redrive` panicked: see the message above")
}

#[tokio::test(start_paused = true)]
async fn the_orders_with_the_reason_go_out_again_and_the_others_stay() {
    let letters = letters(&[(9, DOWN), (4, ADDRESS), (2, DOWN), (11, ADDRESS), (7, DOWN)]);
    let (workers, mut received) = mpsc::channel(8);
    let count = joined(spawn(&letters, &workers)).await;
    let orders: Vec<Order> = std::iter::from_fn(|| received.try_recv().ok()).collect();
    let expected = [9, 2, 7].map(|id| Order { id, attempts: 0 });
    assert_eq!(
        orders, expected,
        "left: what the workers have received; right: the oldest first, with no attempts"
    );
    assert_eq!(ids(&letters), [4, 11], "left: the dead letters afterwards; right: those with another reason");
    assert_eq!(count, 3, "left: what `redrive` returned; right: how many it has sent");
}

/// The carrier is still down: a worker that fails each order again, after so many ms.
fn fails_again(takes_ms: u64, letters: &DeadLetters) -> (mpsc::Sender<Order>, JoinHandle<Vec<u32>>) {
    let (workers, mut received) = mpsc::channel::<Order>(1);
    let letters = letters.clone();
    let worker = tokio::spawn(async move {
        let mut tried = Vec::new();
        while let Some(order) = received.recv().await {
            sleep(ms(takes_ms)).await;
            tried.push(order.id);
            letters.add(Order { attempts: order.attempts + 3, ..order }, DOWN);
        }
        tried
    });
    (workers, worker)
}

#[tokio::test(start_paused = true)]
async fn an_order_that_fails_again_is_sent_once() {
    let letters = letters(&[(9, DOWN), (2, DOWN), (7, DOWN), (5, DOWN)]);
    let (workers, worker) = fails_again(37, &letters);
    let count = joined(spawn(&letters, &workers)).await;
    drop(workers);
    let tried = worker.await.expect("the worker does not panic");
    assert_eq!(tried, [9, 2, 7, 5], "left: what the workers have tried; right: each order once");
    assert_eq!(count, 4, "left: what `redrive` returned; right: how many it has sent");
    assert_eq!(
        ids(&letters),
        [9, 2, 7, 5],
        "left: the dead letters; right: all of them, because they failed again"
    );
    let attempts: Vec<u32> = letters.look().iter().map(|letter| letter.order.attempts).collect();
    assert_eq!(attempts, [3; 4], "left: how often each was tried; right: three times in this round");
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_free_slots() {
    let letters = letters(&[(9, DOWN), (2, DOWN), (7, DOWN), (5, DOWN)]);
    let (workers, worker) = fails_again(37, &letters);
    let started = Instant::now();
    joined(spawn(&letters, &workers)).await;
    // The worker has taken 9, 2 and 7 by then, and 5 is in the queue.
    assert_eq!(
        started.elapsed(),
        ms(74),
        "left: when `redrive` returned; right: when the last order got a slot"
    );
    drop(workers);
    worker.await.expect("the worker does not panic");
}

#[tokio::test(start_paused = true)]
async fn a_redrive_that_is_dropped_loses_nothing_and_sends_nothing_twice() {
    let letters = letters(&[(9, DOWN), (2, DOWN), (4, ADDRESS), (7, DOWN), (5, DOWN)]);
    let (workers, mut received) = mpsc::channel(2);
    let dropped = timeout(ms(53), letters.redrive(DOWN, &workers)).await;
    assert!(dropped.is_err(), "two of four orders have a slot, and `redrive` returned {dropped:?}");
    assert_eq!(
        ids(&letters),
        [4, 7, 5],
        "left: the dead letters after the drop; right: what was not sent, in order"
    );
    assert_eq!(
        queued(&mut received),
        [9, 2],
        "left: what the workers have; right: what had a slot before the drop"
    );
    assert_eq!(
        joined(spawn(&letters, &workers)).await,
        2,
        "left: what the next redrive sent; right: the rest"
    );
    assert_eq!(queued(&mut received), [7, 5], "left: what the workers have; right: the rest");
}

#[tokio::test(start_paused = true)]
async fn when_the_workers_are_gone_the_letters_stay() {
    let letters = letters(&[(9, DOWN), (2, DOWN), (7, DOWN)]);
    let (workers, mut received) = mpsc::channel(1);
    let redriving = spawn(&letters, &workers);
    sleep(ms(19)).await;
    assert_eq!(received.recv().await.map(|order| order.id), Some(9));
    sleep(ms(19)).await;
    assert_eq!(received.recv().await.map(|order| order.id), Some(2));
    received.close();
    while received.recv().await.is_some() {}
    drop(received);
    let count = joined(redriving).await;
    // 7 may have got the slot of 2.
    assert_eq!(ids(&letters).len() + count, 3, "{count} were sent, and these are left: {:?}", ids(&letters));

    let rest = ids(&letters);
    assert_eq!(
        joined(spawn(&letters, &workers)).await,
        0,
        "left: what `redrive` returned; right: the workers are gone"
    );
    assert_eq!(ids(&letters), rest, "left: the dead letters; right: as before, because the workers are gone");
}

#[tokio::test(start_paused = true)]
async fn two_operators_at_once_send_each_order_once() {
    let letters = letters(&[(9, DOWN), (2, DOWN), (7, DOWN), (5, DOWN), (8, DOWN)]);
    let (workers, mut received) = mpsc::channel(1);
    let operators = [spawn(&letters, &workers), spawn(&letters, &workers)];
    drop(workers);
    let mut sent = Vec::new();
    while let Ok(Some(order)) = timeout(HOUR, received.recv()).await {
        sent.push(order.id);
        sleep(ms(31)).await;
    }
    let mut count = 0;
    for operator in operators {
        count += joined(operator).await;
    }
    let mut sorted = sent.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [2, 5, 7, 8, 9],
        "left: what two redrives at once have sent, sorted; right: each order once"
    );
    assert_eq!((count, ids(&letters).len()), (5, 0), "left: sent by both, and left over; right: expected");
}

#[tokio::test(start_paused = true)]
async fn two_operators_at_once_send_an_order_that_fails_again_once() {
    let letters = letters(&[(9, DOWN), (2, DOWN), (7, DOWN), (5, DOWN)]);
    let (workers, worker) = fails_again(37, &letters);
    let operators = [spawn(&letters, &workers), spawn(&letters, &workers)];
    drop(workers);
    let mut count = 0;
    for operator in operators {
        count += joined(operator).await;
    }
    let mut tried = worker.await.expect("the worker does not panic");
    tried.sort_unstable();
    assert_eq!(
        tried,
        [2, 5, 7, 9],
        "left: what two redrives at once have sent, sorted; right: each order once"
    );
    assert_eq!(count, 4, "left: what both returned together; right: how many were sent");
}
