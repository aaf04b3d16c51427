//! A file of 4 KB goes to the backup in pieces of 1 KB. How much of it is in memory meanwhile?

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::sleep;

/// Counts the bytes that are in memory.
#[derive(Clone, Default)]
pub struct Memory(Arc<AtomicUsize>);

/// Bytes that are counted until they are dropped.
pub struct Counted {
    bytes: Vec<u8>,
    memory: Memory,
}

impl Memory {
    /// This many bytes, all zero.
    pub fn zeros(&self, len: usize) -> Counted {
        self.0.fetch_add(len, Ordering::Relaxed);
        Counted { bytes: vec![0; len], memory: self.clone() }
    }

    /// How many bytes are in memory.
    pub fn in_use(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.memory.0.fetch_add(self.bytes.len(), Ordering::Relaxed);
        Self { bytes: self.bytes.clone(), memory: self.memory.clone() }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.memory.0.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl Deref for Counted {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for Counted {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// Reads a piece, sends it, and reads the next into the same 1 KB.
///
/// # Errors
/// The file cannot be read.
// ANCHOR: upload
pub async fn upload(mut file: impl AsyncRead + Unpin, memory: Memory, journal: Journal) -> io::Result<()> {
    let mut buffer = memory.zeros(1024);
    loop {
        let len = file.read(&mut buffer).await?;
        if len == 0 {
            return Ok(());
        }
        send(&buffer[..len], &memory, &journal).await;
    }
}
// ANCHOR_END: upload

/// The backup takes 20 ms for a piece.
pub(crate) async fn send(piece: &[u8], memory: &Memory, journal: &Journal) {
    sleep(Duration::from_millis(20)).await;
    let in_use = memory.in_use();
    journal.log("backup", format_args!("has {} bytes more; in memory: {in_use}", piece.len()));
}

/// What a photo shows, as a single number: a large array, and little that is kept of it.
pub async fn send_average() -> u64 {
    let average = {
        let pixels = [7_u8; 64 * 1024];
        pixels.iter().map(|&pixel| u64::from(pixel)).sum::<u64>() / pixels.len() as u64
    };
    sleep(Duration::from_millis(20)).await; // sends the average
    average
}

/// A file of 4 KB.
pub async fn one_buffer(journal: Journal) {
    let (file, memory) = (tokio::io::repeat(7).take(4096), Memory::default());
    upload(file, memory, journal).await.expect("this file can be read");
}
