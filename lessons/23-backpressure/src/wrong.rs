//! The same ideas gone wrong. The tests prove what each does: it times out, grows, waits, has no limit, or hangs.

use std::io;
use std::sync::Arc;

use futures::future::join_all;
use shared::Journal;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::broker::{Broker, Event};
use crate::server::{greet, take_order};

/// Most publishes time out: all events are in flight at the same time, and the broker has 100 workers.
// ANCHOR: unbounded
pub async fn unbounded(outbox: impl Iterator<Item = Event>, broker: Broker) {
    let tasks = TaskTracker::new();
    for event in outbox {
        let broker = broker.clone();
        tasks.spawn(async move { broker.publish(event).await });
    }
    tasks.close();
    tasks.wait().await;
}
// ANCHOR_END: unbounded

/// The publishes are bounded, the tasks are not: each waits for its permit after it has been spawned.
// ANCHOR: acquire-inside
pub async fn acquire_inside(outbox: impl Iterator<Item = Event>, limit: usize, broker: Broker) {
    let permits = Arc::new(Semaphore::new(limit));
    let tasks = TaskTracker::new();
    for event in outbox {
        let (permits, broker) = (Arc::clone(&permits), broker.clone());
        tasks.spawn(async move {
            let _permit = permits.acquire().await.expect("it is never closed");
            broker.publish(event).await;
        });
    }
    tasks.close();
    tasks.wait().await;
}
// ANCHOR_END: acquire-inside

/// There is no limit: the task does not name the permit, so it is dropped at the end of each iteration.
// ANCHOR: permit-stays-behind
pub async fn permit_stays_behind(outbox: impl Iterator<Item = Event>, limit: usize, broker: Broker) {
    let permits = Arc::new(Semaphore::new(limit));
    let tasks = TaskTracker::new();
    for event in outbox {
        let _permit = Arc::clone(&permits).acquire_owned().await.expect("it is never closed");
        let broker = broker.clone();
        tasks.spawn(async move { broker.publish(event).await });
    }
    tasks.close();
    tasks.wait().await;
}
// ANCHOR_END: permit-stays-behind

/// Slow: the next batch begins when the slowest event of this one has ended.
// ANCHOR: batches
pub async fn batches(outbox: impl Iterator<Item = Event>, limit: usize, broker: &Broker) {
    let mut outbox = outbox.peekable();
    while outbox.peek().is_some() {
        join_all(outbox.by_ref().take(limit).map(|event| broker.publish(event))).await;
    }
}
// ANCHOR_END: batches

/// Accepts every client, and lets it wait inside: each holds a socket and a task. An error of `accept` ends the server.
///
/// # Errors
/// `accept` fails, for instance because there are too many sockets.
// ANCHOR: accept-first
pub async fn accept_first(listener: TcpListener, limit: usize, journal: Journal) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(limit));
    let clients = TaskTracker::new();
    let mut number = 0;
    loop {
        number += 1;
        let (mut client, _address) = listener.accept().await?;
        journal.log("server", format_args!("accepts client {number}"));
        let (permits, journal) = (Arc::clone(&permits), journal.clone());
        clients.spawn(async move {
            greet(&mut client).await?;
            let _permit = permits.acquire().await.expect("it is never closed");
            take_order(&mut client, number, &journal).await
        });
    }
}
// ANCHOR_END: accept-first

/// Hangs when as many orders as there are permits are sent at the same time: each holds one and waits for another.
// ANCHOR: nested
pub async fn nested(order: u32, permits: &Semaphore, journal: &Journal) {
    let _order = permits.acquire().await.expect("it is never closed");
    journal.log(format_args!("order {order}"), "begins");
    tokio::task::yield_now().await; // reads its payment from the database
    let _payment = permits.acquire().await.expect("it is never closed");
    journal.log(format_args!("order {order}"), "is paid");
}
// ANCHOR_END: nested
