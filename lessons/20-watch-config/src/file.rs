//! A configuration file in memory, and an editor that changes it: nothing on the paused clock should wait for a disk.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::time::sleep;

/// The text of a file. Clones are handles to the same file.
#[derive(Clone, Debug)]
pub struct File {
    text: Arc<Mutex<String>>,
}

impl File {
    /// A good file with this batch size.
    pub fn new(batch_size: &str) -> Self {
        let file = Self { text: Arc::default() };
        file.write(batch_size);
        file
    }

    /// Replaces the whole text at once.
    pub fn write(&self, batch_size: &str) {
        let text = format!("broker = broker-1\nbatch_size = {batch_size}\n");
        *self.text.lock().expect("a write does not panic") = text;
    }

    /// The current text.
    #[expect(clippy::unused_async, reason = "it stands for `tokio::fs::read_to_string`")]
    pub async fn read(&self) -> io::Result<String> {
        Ok(self.text.lock().expect("a write does not panic").clone())
    }

    /// Sets the batch size at each of these seconds.
    pub async fn edit(self, edits: &'static [(u64, &'static str)], journal: Journal, pace: Pace) {
        let mut now = 0;
        for &(at_s, batch_size) in edits {
            sleep(pace.of(Duration::from_secs(at_s - now))).await;
            now = at_s;
            self.write(batch_size);
            journal.log("editor", format_args!("writes batch_size = {batch_size}"));
        }
    }
}
