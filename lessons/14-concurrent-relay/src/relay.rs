//! The relay: a task for each event, all at once. It takes as long as the slowest event.

use std::io;
use std::path::PathBuf;

use chrono::{Local, NaiveDateTime};
use shared::{Journal, Pace};
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;

use crate::event::OutboxEvent;
use crate::log;

/// Publishes all events at once, and returns when the last one has its outcome in the log's queue.
// ANCHOR: relay
pub async fn relay(events: Vec<OutboxEvent>, log: mpsc::Sender<String>, journal: Journal, pace: Pace) {
    let tasks: Vec<_> = events
        .into_iter()
        .zip(1..)
        .map(|(event, n)| tokio::spawn(publish(n, event, log.clone(), journal.clone(), pace)))
        .collect(); // here they are spawned
    journal.log("relay", format_args!("has spawned {} tasks", tasks.len()));

    for (task, number) in tasks.into_iter().zip(1..) {
        if task.await.is_err_and(|error| error.is_panic()) {
            let entry = format!("Error: task {number} panicked");
            journal.log("relay", &entry);
            log.send(entry).await.ok();
        }
    }
    journal.log("relay", "has awaited all tasks");
}

/// Publishes one event. It owns the event: nothing is cloned but the handles.
pub(crate) async fn publish(
    number: u32,
    event: OutboxEvent,
    log: mpsc::Sender<String>,
    journal: Journal,
    pace: Pace,
) {
    let task = format!("task {number}");
    journal.log(&task, "starts");
    let entry = match event.publish(pace).await {
        Ok(done) => done,
        Err(error) => format!("Error: {error}"),
    };
    journal.log(&task, &entry);
    log.send(entry).await.ok(); // fails when the writer has failed, and its handle says why
}
// ANCHOR_END: relay

/// Publishes all events at once, and has one task write the log. Returns what it wrote to, when every line is there.
///
/// # Errors
/// The log could not be written. All events are published nevertheless.
// ANCHOR: with-log
pub async fn relay_with_log<W: AsyncWrite + Unpin + Send + 'static>(
    events: Vec<OutboxEvent>,
    out: W,
    now: impl Fn() -> NaiveDateTime + Send + 'static,
    journal: Journal,
    pace: Pace,
) -> io::Result<W> {
    let (log, entries) = mpsc::channel(64);
    let writing = tokio::spawn(log::write_lines(entries, out, now));
    relay(events, log, journal, pace).await; // the last sender ends with it, and so the writer ends
    writing.await.expect("the writer does not panic")
}
// ANCHOR_END: with-log

/// The same for real: appends to `async_log.txt` in that folder.
///
/// # Errors
/// The file cannot be opened or written.
pub async fn relay_to_file(events: Vec<OutboxEvent>, folder: PathBuf, journal: Journal) -> io::Result<()> {
    let path = folder.join("async_log.txt");
    let file = log::open(&path).await?;
    relay_with_log(events, file, || Local::now().naive_local(), journal, Pace::FULL).await?;
    println!("\nappended to {}", path.display());
    Ok(())
}
