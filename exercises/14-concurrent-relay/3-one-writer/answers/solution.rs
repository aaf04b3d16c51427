//! Exercise 14.3: many tasks have something to write, and one of them writes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

/// A log in memory. Clones are handles to the same log.
#[derive(Clone, Debug, Default)]
pub struct Log {
    written: Arc<Mutex<String>>,
}

/// Publishes events that take so many milliseconds, all at once. Returns when each has its line in the log.
pub async fn publish_all(events_ms: Vec<u64>, log: Log) {
    //~ begin
    let (tx, mut rx) = mpsc::channel(16);
    let writing = tokio::spawn(async move {
        while let Some(entry) = rx.recv().await {
            log.append(entry).await;
        }
    });
    let tasks: Vec<_> = events_ms
        .into_iter()
        .map(|takes_ms| {
            let tx = tx.clone();
            tokio::spawn(async move {
                let entry = publish(takes_ms).await;
                tx.send(entry).await.expect("the writer outlives the tasks");
            })
        })
        .collect();
    drop(tx); // the writer ends when the last task has dropped its sender

    for task in tasks {
        task.await.expect("no task panics");
    }
    writing.await.expect("the writer does not panic");
    //~ starter
    //~| // TODO: each task writes to the log itself, and two of them at the same time. Let one task do it.
    //~| let tasks: Vec<_> = events_ms
    //~|     .into_iter()
    //~|     .map(|takes_ms| {
    //~|         let log = log.clone();
    //~|         tokio::spawn(async move {
    //~|             let entry = publish(takes_ms).await;
    //~|             log.append(entry).await;
    //~|         })
    //~|     })
    //~|     .collect();
    //~| for task in tasks {
    //~|     task.await.expect("no task panics");
    //~| }
    //~ end
}

/// Do not change it.
async fn publish(takes_ms: u64) -> String {
    sleep(Duration::from_millis(takes_ms)).await;
    format!("published after {takes_ms} ms")
}

/// Do not change it.
impl Log {
    /// Writes a line, in two pieces of 10 ms.
    async fn append(&self, entry: String) {
        for piece in ["entry: ".to_owned(), entry + "\n"] {
            sleep(Duration::from_millis(10)).await;
            self.written.lock().expect("nobody panics with the lock").push_str(&piece);
        }
    }

    /// All that was written.
    pub fn text(&self) -> String {
        self.written.lock().expect("nobody panics with the lock").clone()
    }
}
