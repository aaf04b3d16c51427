//! A slow file in memory. While one task waits for it, others run: a write to a real file is such a moment too.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::{Sleep, sleep};

/// Every write takes so long. Clones are handles to the same file, each with its own write under way.
#[derive(Debug)]
pub struct SlowFile {
    /// A std mutex: it is held for one append and never across an await.
    written: Arc<Mutex<Vec<u8>>>,
    write_takes: Duration,
    under_way: Option<Pin<Box<Sleep>>>,
}

impl SlowFile {
    /// An empty file.
    pub fn new(write_takes: Duration) -> Self {
        Self { written: Arc::default(), write_takes, under_way: None }
    }

    /// What stands in it, line by line.
    pub fn lines(&self) -> Vec<String> {
        let written = self.written.lock().expect("an append does not panic");
        String::from_utf8_lossy(&written).lines().map(str::to_owned).collect()
    }
}

impl Clone for SlowFile {
    fn clone(&self) -> Self {
        Self { written: Arc::clone(&self.written), write_takes: self.write_takes, under_way: None }
    }
}

impl AsyncWrite for SlowFile {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let write_takes = self.write_takes;
        let waiting = self.under_way.get_or_insert_with(|| Box::pin(sleep(write_takes)));
        ready!(waiting.as_mut().poll(cx));
        self.under_way = None;
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
