//! The journal of a story: who did what at which millisecond. It records, and judges nothing.

use std::fmt::Display;
use std::io::{self, Write};
use std::process;
use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use crate::budget;

/// One entry: a task did something at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Milliseconds of Tokio's clock since the journal was made.
    pub at_ms: u64,
    /// The position among all entries, from 0.
    pub seq: usize,
    /// The task that wrote it.
    pub task: String,
    /// What the task did.
    pub what: String,
}

/// A handle to the entries of one story. Clones write to the same ones.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let journal = shared::Journal::new();
/// journal.log("producer 1", "sent 2");
/// assert_eq!(journal.entries()[0].at_ms, 0);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Journal {
    /// Time zero. Tokio's clock, so that the paused clock moves it.
    zero: Instant,
    /// A std mutex: it is held for one push and never across an await.
    entries: Arc<Mutex<Vec<Entry>>>,
    /// Whether each entry is also printed as it happens.
    echo: Echo,
}

#[derive(Clone, Copy, Debug)]
enum Echo {
    Silent,
    Print,
}

impl Journal {
    /// An empty journal whose time zero is now. Make it inside the runtime, so that it reads its clock.
    #[expect(clippy::new_without_default, reason = "it reads the clock, which a default should not")]
    pub fn new() -> Self {
        Self::with(Echo::Silent)
    }

    /// Like [`Journal::new`], and prints each entry as it happens: `[  1000 ms] producer 1: sent 2`.
    pub fn printing() -> Self {
        Self::with(Echo::Print)
    }

    /// Logs that `task` did `what`, now.
    pub fn log(&self, task: impl Display, what: impl Display) {
        let (task, what) = (task.to_string(), what.to_string());
        let at_ms = u64::try_from(self.zero.elapsed().as_millis()).expect("a story is shorter than an aeon");
        if let Echo::Print = self.echo {
            say(format_args!("[{at_ms:>6} ms] {task}: {what}"));
        }
        let mut entries = self.entries.lock().expect("a push does not panic");
        let seq = entries.len();
        entries.push(Entry { at_ms, seq, task, what });
        drop(entries);
        budget::may_end();
    }

    /// All entries so far, in the order in which they were written.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().expect("a push does not panic").clone()
    }

    fn with(echo: Echo) -> Self {
        Self { zero: Instant::now(), entries: Arc::default(), echo }
    }
}

/// Prints a line. When nobody reads any more, as behind `| head`, the program ends: a panic would end one task of the story,
/// and the others could wait for it forever.
pub(crate) fn say(line: impl Display) {
    if writeln!(io::stdout(), "{line}").is_err() {
        process::exit(0);
    }
}
