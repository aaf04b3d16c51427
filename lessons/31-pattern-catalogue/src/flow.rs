//! Much to do: as a stream, in batches, on several workers, a few at a time, so many in a while.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use shared::Journal;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use crate::work::{ask, ms, publish};

// ANCHOR: stream
/// Two writes in flight, and results as they come. An order that is free has no payment.
pub async fn stream(journal: Journal) {
    use futures::{StreamExt, future::ready};

    let (tx, rx) = mpsc::channel(4);
    for order in [("order 7", 1250, 80), ("order 8", 0, 10), ("order 9", 400, 30), ("order 10", 980, 60)] {
        tx.send(order).await.expect("there is a slot for each");
    }
    drop(tx);
    let mut payments = ReceiverStream::new(rx)
        .filter(|(_, cents, _)| ready(*cents > 0))
        .map(|(order, cents, takes_ms)| ask(order, takes_ms, cents, &journal))
        .buffer_unordered(2);
    let mut sum = 0;
    while let Some(cents) = payments.next().await {
        sum += cents;
    }
    journal.log("relay", format_args!("has charged {sum} cents"));
}
// ANCHOR_END: stream

// ANCHOR: micro-batching
/// A batch is complete when it has three orders, or 50 ms after its first one.
pub async fn micro_batching(journal: Journal) {
    use tokio_stream::StreamExt;

    let (tx, rx) = mpsc::channel(4);
    let shop = async move {
        for (order, pause_ms) in (1..).zip([10, 10, 10, 65, 20, 15]) {
            tx.send(order).await.expect("the relay outlives the shop");
            sleep(ms(pause_ms)).await;
        }
    };
    let relay = async {
        let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(3, ms(50)));
        while let Some(batch) = batches.next().await {
            journal.log("relay", format_args!("writes {batch:?}"));
        }
        journal.log("relay", "ends with its channel");
    };
    tokio::join!(shop, relay);
}
// ANCHOR_END: micro-batching

// ANCHOR: fan-out-fan-in
/// Each worker has a queue. All send what they have done to one receiver.
pub async fn fan_out_fan_in(journal: Journal) {
    let (done, mut results) = mpsc::channel(4);
    let (mut queues, mut workers) = (Vec::new(), JoinSet::new());
    for worker in ["worker 1", "worker 2"] {
        let (queue, mut events) = mpsc::channel(2);
        queues.push(queue);
        let (done, journal) = (done.clone(), journal.clone());
        workers.spawn(async move {
            while let Some((event, takes_ms)) = events.recv().await {
                sleep(ms(takes_ms)).await;
                journal.log(worker, format_args!("has published event {event}"));
                done.send(event).await.expect("main outlives the workers");
            }
        });
    }
    drop(done); // or the last `recv` below would wait forever
    for (event, queue) in [(1, 70), (2, 30), (3, 40), (4, 55)].into_iter().zip(queues.iter().cycle()) {
        queue.send(event).await.expect("the worker has not ended");
    }
    drop(queues);
    while let Some(event) = results.recv().await {
        journal.log("main", format_args!("marks event {event}"));
    }
    workers.join_all().await;
}
// ANCHOR_END: fan-out-fan-in

// ANCHOR: semaphore
/// At most two at a time. The permit is acquired before the task exists.
pub async fn semaphore(journal: Journal) {
    let permits = Arc::new(Semaphore::new(2));
    let mut tasks = JoinSet::new();
    for (event, takes_ms) in [("event 1", 70), ("event 2", 40), ("event 3", 65), ("event 4", 50)] {
        let permit = Arc::clone(&permits).acquire_owned().await.expect("it is never closed");
        let publishing = publish(event, takes_ms, journal.clone());
        tasks.spawn(async move {
            publishing.await;
            drop(permit); // it is also dropped when the task panics or is aborted
        });
    }
    journal.log("relay", "has spawned all");
    tasks.join_all().await;
}
// ANCHOR_END: semaphore

// ANCHOR: rate-limit
/// At most two requests in any 100 ms: a sliding window.
pub async fn rate_limit(journal: Journal) {
    let mut passed = VecDeque::new();
    for request in 1..=5 {
        if passed.len() == 2 {
            let oldest: Instant = passed.pop_front().expect("there are two");
            sleep_until(oldest + ms(100)).await; // returns at once if that has passed
        }
        passed.push_back(Instant::now());
        journal.log("relay", format_args!("makes request {request}"));
        sleep(ms(15)).await;
    }
}
// ANCHOR_END: rate-limit
