//! Exercise 11.3: one finds the work, several do it, one collects the results.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Publishes all events with `workers` workers and returns them in the order in which they were published.
///
/// The events are dealt in turn: the first to worker 1, the second to worker 2, and so on, then worker 1 again.
/// Each worker publishes its events one after another. At most three events wait for a worker.
pub async fn publish_all(events: Vec<String>, workers: usize, broker: Broker) -> Vec<String> {
    //~ begin
    let (done_tx, mut done_rx) = mpsc::channel(3);
    let mut queues = Vec::new();
    for number in 1..=workers {
        let (tx, mut rx) = mpsc::channel(3);
        queues.push(tx);
        let (done_tx, broker) = (done_tx.clone(), broker.clone());
        tokio::spawn(async move {
            while let Some(event) = rx.recv().await {
                let event = publish(number, event, &broker).await;
                done_tx.send(event).await.expect("the collector outlives the workers");
            }
        });
    }
    drop(done_tx); // from here on only workers hold one, so the results end when the last worker does

    // A task of its own: a task that waits for a slot in a queue cannot collect, and uncollected results stop the workers.
    tokio::spawn(async move {
        for (event, queue) in events.into_iter().zip(queues.iter().cycle()) {
            queue.send(event).await.expect("a worker outlives its queue");
        }
    });

    let mut published = Vec::new();
    while let Some(event) = done_rx.recv().await {
        published.push(event);
    }
    published
    //~ starter
    //~| // TODO: this is one loop that does everything, and `workers` is ignored. Give each worker a task and a
    //~| // channel of its own, and bring the results together through one more channel.
    //~| let mut published = Vec::new();
    //~| for event in events {
    //~|     published.push(publish(1, event, &broker).await);
    //~| }
    //~| published
    //~ end
}

/// Publishes an event, which takes as long as the broker needs, and gives it back. Do not change it.
async fn publish(worker: usize, event: String, broker: &Broker) -> String {
    sleep(broker.takes[&event]).await;
    broker.journal.log(format_args!("worker {worker}"), format_args!("published {event}"));
    event
}

/// A broker. Each test decides how long it takes for each event. Do not change it.
#[derive(Clone)]
pub struct Broker {
    pub journal: Journal,
    pub takes: Arc<HashMap<String, Duration>>,
}
