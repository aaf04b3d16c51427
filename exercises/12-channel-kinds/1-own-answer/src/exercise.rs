//! Exercise 12.1: a request that carries the sender of its answer.

use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::sleep;

// TODO: every caller takes the first answer that arrives. Give each request a way back of its own.

/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<Request>,
    answers: broadcast::Sender<Option<u64>>,
}

/// Asks for the size of a file.
struct Request {
    file: String,
}

/// Starts the service. It handles one request after another, and ends when no client is left.
pub fn start(disk: Disk) -> (JoinHandle<()>, Client) {
    let (requests, mut rx) = mpsc::channel(3);
    let answers = broadcast::Sender::new(16);
    let client = Client { requests, answers: answers.clone() };
    let service = tokio::spawn(async move {
        while let Some(Request { file }) = rx.recv().await {
            let size = disk.size_of(&file).await;
            answers.send(size).ok(); // fails when no caller is waiting
        }
    });
    (service, client)
}

impl Client {
    /// Returns the size of the file in bytes, or `None` when there will be no answer.
    pub async fn size_of(&self, file: &str) -> Option<u64> {
        let mut answers = self.answers.subscribe();
        self.requests.send(Request { file: file.to_owned() }).await.ok()?;
        answers.recv().await.ok()?
    }
}

/// The disk that the service reads. Do not change it.
pub struct Disk {
    /// Each file with its size in bytes, and the milliseconds that it takes to find that out.
    pub files: Vec<(&'static str, u64, u64)>,
}

impl Disk {
    /// `None` when there is no such file, which takes 30 ms to find out.
    async fn size_of(&self, file: &str) -> Option<u64> {
        let found = self.files.iter().find(|(name, ..)| *name == file);
        let takes = found.map_or(30, |(_, _, takes)| *takes);
        sleep(Duration::from_millis(takes)).await;
        found.map(|(_, size, _)| *size)
    }
}
