//! Fan-out and fan-in: a poller finds the work, workers do it, one task marks what is done.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio::time::{interval, sleep};

/// How often the poller queries the database.
pub const POLL_EVERY: Duration = Duration::from_secs(5);
/// How long it takes to publish one event.
pub const PUBLISH_TAKES: Duration = Duration::from_secs(2);
/// What each poll of the database finds. The poller stops after the second one, so that the scene ends.
pub const BATCHES: [[&str; 3]; 2] = [["order 1", "order 2", "order 3"], ["order 4", "order 5", "order 6"]];

/// Polls twice and publishes what it finds, with this many workers. Returns when every event is marked.
// ANCHOR: relay
pub async fn relay(workers: usize, journal: Journal, pace: Pace) {
    let (done_tx, mut done_rx) = mpsc::channel(3); // fan-in: every worker sends, one task receives
    let mut queues = Vec::new();
    let mut tasks = Vec::new();
    for number in 1..=workers {
        let (tx, rx) = mpsc::channel(3); // fan-out: each worker has a queue of its own
        queues.push(tx);
        let worker = worker(number, rx, done_tx.clone(), journal.clone(), pace);
        tasks.push(tokio::spawn(worker));
    }
    drop(done_tx); // otherwise the loop below would never end
    tasks.push(tokio::spawn(poller(queues, journal.clone(), pace)));

    while let Some(event) = done_rx.recv().await {
        journal.log("marker", format_args!("marked {event} as published"));
    }
    for task in tasks {
        task.await.expect("no task panics");
    }
}
// ANCHOR_END: relay

// ANCHOR: poller
async fn poller(queues: Vec<mpsc::Sender<&'static str>>, journal: Journal, pace: Pace) {
    let mut next_poll = interval(pace.of(POLL_EVERY));
    for batch in BATCHES {
        next_poll.tick().await; // the first tick completes immediately
        journal.log("poller", format_args!("found {} events", batch.len()));
        for (event, queue) in batch.into_iter().zip(queues.iter().cycle()) {
            queue.send(event).await.expect("a worker outlives its queue");
        }
    }
}

async fn worker(
    number: usize,
    mut rx: mpsc::Receiver<&'static str>,
    done: mpsc::Sender<&'static str>,
    journal: Journal,
    pace: Pace,
) {
    while let Some(event) = rx.recv().await {
        sleep(pace.of(PUBLISH_TAKES)).await; // publishing
        journal.log(format_args!("worker {number}"), format_args!("published {event}"));
        done.send(event).await.expect("the marker outlives the workers");
    }
}
// ANCHOR_END: poller
