//! From a database to those who want to know: nothing is lost, nothing is done twice, each message has one worker, each request
//! its reply. The databases are in memory; what one transaction would do is done under one lock, or without an await.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use shared::Journal;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::work::{ms, publish};

// ANCHOR: outbox
/// Order and event are written together. The first relay is killed between publish and mark, so the event comes twice.
pub async fn outbox(journal: Journal) {
    let (orders, outbox) = (vec![7], vec!["order 7"]); // one transaction
    let database = Mutex::new((orders, outbox));
    if timeout(ms(50), relay("relay 1", &database, &journal)).await.is_err() {
        journal.log("relay 1", "is killed");
    }
    relay("relay 2", &database, &journal).await;
}

async fn relay(name: &str, database: &Mutex<(Vec<u32>, Vec<&'static str>)>, journal: &Journal) {
    let unsent = database.lock().expect("no holder panics").1.clone();
    for event in unsent {
        publish(event, 40, journal.clone()).await;
        sleep(ms(20)).await; // the way to the database
        database.lock().expect("no holder panics").1.retain(|row| *row != event);
        journal.log(name, format_args!("marks {event}"));
    }
}
// ANCHOR_END: outbox

// ANCHOR: inbox
/// The id and what follows from the message are written together. A message that comes again changes nothing.
pub async fn inbox(journal: Journal) {
    let (mut seen, mut cents) = (HashSet::new(), 0);
    for (id, amount, pause_ms) in [(101, 1250, 30), (102, 400, 20), (101, 1250, 45)] {
        sleep(ms(pause_ms)).await;
        if seen.insert(id) {
            cents += amount; // in the same transaction
            journal.log("billing", format_args!("books {id}: {cents} cents in all"));
        } else {
            journal.log("billing", format_args!("has seen {id}"));
        }
    }
}
// ANCHOR_END: inbox

// ANCHOR: queue-group
/// Tokio's mutex: it is held across `recv`.
type Queue<T> = Arc<AsyncMutex<mpsc::Receiver<T>>>;

/// Each event goes to one worker: the one that is free.
pub async fn queue_group(journal: Journal) {
    let (tx, rx) = mpsc::channel(4);
    let (queue, mut group) = (Arc::new(AsyncMutex::new(rx)), JoinSet::new());
    for name in ["worker 1", "worker 2"] {
        group.spawn(worker(name, Arc::clone(&queue), journal.clone()));
    }
    for event in [(1, 95), (2, 30), (3, 40), (4, 35)] {
        tx.send(event).await.expect("the group has not ended");
    }
    drop(tx);
    group.join_all().await;
}

/// Works until the queue has ended.
pub async fn worker(name: &str, queue: Queue<(u32, u64)>, journal: Journal) {
    while let Some((event, takes_ms)) = next(&queue).await {
        sleep(ms(takes_ms)).await;
        journal.log(name, format_args!("has published event {event}"));
    }
}

/// The guard is dropped when this returns, before the event is published.
async fn next<T>(queue: &Queue<T>) -> Option<T> {
    queue.lock().await.recv().await
}
// ANCHOR_END: queue-group

// ANCHOR: request-reply
/// A number leads each reply to its request. A reply that comes too late finds nobody.
pub async fn request_reply(journal: Journal) {
    let waiting = Mutex::new(HashMap::new());
    let (replies, mut arrived) = mpsc::channel(4);
    let request = async |number, takes_ms, replies: mpsc::Sender<u32>| {
        let (tx, reply) = oneshot::channel();
        waiting.lock().expect("no holder panics").insert(number, tx);
        tokio::spawn(async move {
            sleep(ms(takes_ms)).await; // the service, somewhere else
            replies.send(number).await.expect("replies are listened for");
        });
        let is_in_time = timeout(ms(60), reply).await.is_ok();
        waiting.lock().expect("no holder panics").remove(&number);
        journal.log("shop", format_args!("request {number} has a reply: {is_in_time}"));
    };
    let listening = async {
        while let Some(number) = arrived.recv().await {
            match waiting.lock().expect("no holder panics").remove(&number) {
                Some(caller) => drop(caller.send(())),
                None => journal.log("bus", format_args!("the reply to {number} is late")),
            }
        }
    };
    tokio::join!(request(1, 90, replies.clone()), request(2, 40, replies), listening);
}
// ANCHOR_END: request-reply
