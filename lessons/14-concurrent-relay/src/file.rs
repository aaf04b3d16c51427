//! A slow file in memory. While one task waits for a write, other tasks run, as with a real file.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use shared::Journal;
use tokio::io::AsyncWrite;
use tokio::time::{Sleep, sleep};

/// A file whose every write takes `write_takes`. Clones are handles to the same file, each with its own write in progress.
#[derive(Debug)]
pub struct SlowFile {
    /// A std mutex: it is held for one append and never across an await.
    written: Arc<Mutex<Vec<u8>>>,
    write_takes: Duration,
    in_progress: Option<Pin<Box<Sleep>>>,
}

impl SlowFile {
    /// An empty file.
    pub fn new(write_takes: Duration) -> Self {
        Self { written: Arc::default(), write_takes, in_progress: None }
    }

    /// The contents, line by line.
    pub fn lines(&self) -> Vec<String> {
        let written = self.written.lock().expect("an append does not panic");
        String::from_utf8_lossy(&written).lines().map(str::to_owned).collect()
    }

    /// Logs the contents, so that a timeline shows them.
    pub(crate) fn show(&self, journal: &Journal) {
        for line in self.lines() {
            journal.log("log", line);
        }
    }
}

impl Clone for SlowFile {
    fn clone(&self) -> Self {
        Self { written: Arc::clone(&self.written), write_takes: self.write_takes, in_progress: None }
    }
}

impl AsyncWrite for SlowFile {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let write_takes = self.write_takes;
        let waiting = self.in_progress.get_or_insert_with(|| Box::pin(sleep(write_takes)));
        ready!(waiting.as_mut().poll(cx));
        self.in_progress = None;
        self.written.lock().expect("an append does not panic").extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
