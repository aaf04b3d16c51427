//! The same ideas gone wrong. `tests/lesson.rs` shows what each one does: it is slow, tears lines or blocks.

use std::io;
use std::thread;
use std::time::Duration;

use chrono::NaiveDateTime;
use shared::{Journal, Pace};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::event::OutboxEvent;
use crate::relay::publish;

/// Slow: `map` is lazy, so each task is spawned only when the loop asks for it, after the one before has ended.
// ANCHOR: lazy
pub async fn lazy(events: Vec<OutboxEvent>, log: mpsc::Sender<String>, journal: Journal, pace: Pace) {
    let tasks = events
        .into_iter()
        .zip(1..)
        .map(|(event, n)| tokio::spawn(publish(n, event, log.clone(), journal.clone(), pace)));
    journal.log("relay", "assumes all tasks are spawned");

    for task in tasks {
        task.await.expect("no publish panics");
    }
    journal.log("relay", "awaited all tasks");
}
// ANCHOR_END: lazy

/// Publishes all events concurrently. Each task has its own handle to the log file.
pub async fn tear_lines<W: AsyncWrite + Clone + Unpin + Send + 'static>(
    events: Vec<OutboxEvent>,
    out: W,
    now: impl Fn() -> NaiveDateTime + Clone + Send + 'static,
    pace: Pace,
) -> io::Result<()> {
    let task = |event: OutboxEvent| {
        let (mut out, now) = (out.clone(), now.clone());
        tokio::spawn(async move {
            let entry = match event.publish(pace).await {
                Ok(done) => done,
                Err(error) => format!("Error: {error}"),
            };
            append(&mut out, now(), &entry).await
        })
    };
    let tasks: Vec<_> = events.into_iter().map(task).collect();
    for task in tasks {
        task.await.expect("no publish panics")?;
    }
    Ok(())
}

/// Writes a line in two pieces. Between them, another task writes its own.
// ANCHOR: torn
pub(crate) async fn append(
    out: &mut (impl AsyncWrite + Unpin),
    now: NaiveDateTime,
    entry: &str,
) -> io::Result<()> {
    out.write_all(format!("[{}] ", now.format("%Y-%m-%d %H:%M:%S")).as_bytes()).await?;
    out.write_all(format!("{entry}\n").as_bytes()).await?;
    out.flush().await
}
// ANCHOR_END: torn

/// A disk that takes 300 ms for a write and blocks the thread meanwhile, as a write with `std::fs` does.
#[derive(Debug)]
pub struct BlockingDisk;

impl io::Write for BlockingDisk {
    #[expect(clippy::disallowed_methods, reason = "the mistake that this shows")]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(300));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs from a task through the blocking `Write`. No other task runs on this thread meanwhile.
// ANCHOR: blocks
#[expect(clippy::unused_async, reason = "it contains no await: that is the mistake")]
pub async fn append_and_block(mut log: impl io::Write) {
    log.write_all(b"[2026-01-15 09:00:00] relayed upload: report.pdf\n").expect("the disk works");
}
// ANCHOR_END: blocks
