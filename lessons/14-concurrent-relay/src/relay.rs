//! The relay: a task for each event, all running concurrently. It takes as long as the slowest event.

use std::io;
use std::path::PathBuf;

use chrono::{Local, NaiveDateTime};
use shared::{Journal, Pace};
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;

use crate::event::OutboxEvent;
use crate::log;

/// Publishes all events concurrently, and returns once every outcome is in the log's channel.
// ANCHOR: relay
pub async fn relay(events: Vec<OutboxEvent>, log: mpsc::Sender<String>, journal: Journal, pace: Pace) {
    let tasks: Vec<_> = events
        .into_iter()
        .zip(1..)
        .map(|(event, n)| tokio::spawn(publish(n, event, log.clone(), journal.clone(), pace)))
        .collect(); // here they are spawned
    journal.log("relay", format_args!("spawned {} tasks", tasks.len()));

    for (task, number) in tasks.into_iter().zip(1..) {
        if task.await.is_err_and(|error| error.is_panic()) {
            let entry = format!("Error: task {number} panicked");
            journal.log("relay", &entry);
            log.send(entry).await.ok();
        }
    }
    journal.log("relay", "awaited all tasks");
}

/// Publishes one event, which it owns. Only the handles are cloned.
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
    log.send(entry).await.ok(); // fails if the writer has failed; its handle returns the reason
}
// ANCHOR_END: relay

/// Publishes all events concurrently, while one task writes the log. Returns the underlying writer once every line is written.
///
/// # Errors
/// The log could not be written. All events are published all the same.
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
    relay(events, log, journal, pace).await; // drops the last sender, so the writer ends
    writing.await.expect("the writer does not panic")
}
// ANCHOR_END: with-log

/// The same with a real file: appends to `async_log.txt` in `folder`.
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
