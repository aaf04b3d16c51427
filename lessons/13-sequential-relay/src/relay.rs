//! The relay: one event after another. A failure is an outcome like any other, and the next event follows.

use std::io;
use std::path::PathBuf;

use shared::{Journal, Pace};
use tokio::io::AsyncWrite;

use crate::event::OutboxEvent;
use crate::log::Log;

/// Publishes the events in order, and logs the outcome of each before it starts the next.
///
/// # Errors
/// The log cannot be written. An event that cannot be published is not an error of the relay.
// ANCHOR: relay
pub async fn relay(
    events: Vec<OutboxEvent>,
    log: &mut Log<impl AsyncWrite + Unpin>,
    journal: Journal,
    pace: Pace,
) -> io::Result<()> {
    for event in events {
        let entry = match event.publish(pace).await {
            Ok(done) => done,
            Err(error) => format!("Error: {error}"),
        };
        journal.log("relay", &entry);
        log.append(&entry).await?;
    }
    Ok(())
}
// ANCHOR_END: relay

/// The same with a real file: appends to `sync_log.txt` in `folder`.
///
/// # Errors
/// The file cannot be opened or written.
pub async fn relay_to_file(events: Vec<OutboxEvent>, folder: PathBuf, journal: Journal) -> io::Result<()> {
    let path = folder.join("sync_log.txt");
    let mut log = Log::open(&path).await?;
    relay(events, &mut log, journal, Pace::FULL).await?;
    println!("\nappended to {}", path.display());
    Ok(())
}
