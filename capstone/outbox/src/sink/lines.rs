//! A thread that writes lines: whatever waits together is written, and synced, together.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::SinkError;
use crate::json;
use crate::message::Envelope;

/// Lines that may wait; beyond that `publish` waits, and so does the relay.
const WAITING_MAX: usize = 1_024;
/// Bytes after which a batch is written although more lines wait.
const BATCH_BYTES: usize = 1024 * 1024;

/// Where lines end up.
pub(super) trait Target: Send + 'static {
    /// Writes whole lines. After `Ok` they are as durable as the target makes them; after an error it has taken back what it
    /// could.
    fn write(&mut self, lines: &[u8]) -> Result<(), SinkError>;
}

struct Line {
    bytes: Vec<u8>,
    written: oneshot::Sender<Result<(), SinkError>>,
}

/// The thread's handle. Dropping it ends the thread; one that is blocked in a write, as by a pipe that nobody reads,
/// is left to end with the process.
pub(super) struct Lines {
    sender: Option<mpsc::Sender<Line>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Lines that were handed over and not answered yet.
    under_way: Arc<AtomicUsize>,
}

impl Lines {
    // ANCHOR: one-writer
    pub(super) fn spawn(name: &str, mut target: impl Target) -> std::io::Result<Self> {
        let (sender, mut waiting) = mpsc::channel::<Line>(WAITING_MAX);
        let under_way = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&under_way);
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            while let Some(first) = waiting.blocking_recv() {
                write_batch(first, &mut waiting, &mut target, &left);
            }
        })?;
        Ok(Self { sender: Some(sender), thread: Mutex::new(Some(thread)), under_way })
    }
    // ANCHOR_END: one-writer

    /// Returns when the line is written. Dropped while it waits for a place, the line is not written; dropped
    /// later, it is.
    pub(super) async fn write(&self, envelope: &Envelope) -> Result<(), SinkError> {
        let mut bytes = Vec::with_capacity(envelope.weight() + 128);
        json::write(envelope, &mut bytes)
            .map_err(|error| SinkError::Permanent(format!("headers: {error}")))?;
        let (written, outcome) = oneshot::channel();
        let gone = || SinkError::Closed("the writing thread has ended".into());
        let sender = self.sender.as_ref().ok_or_else(gone)?;
        let place = sender.reserve().await.map_err(|_| gone())?;
        self.under_way.fetch_add(1, Ordering::Relaxed);
        place.send(Line { bytes, written });
        outcome.await.map_err(|_| gone())?
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.sender = None;
        let is_idle = self.under_way.load(Ordering::Acquire) == 0;
        if is_idle && let Ok(Some(thread)) = self.thread.get_mut().map(Option::take) {
            // A panic in it has been told to whoever waited for a line.
            drop(thread.join());
        }
    }
}

fn write_batch(
    first: Line,
    waiting: &mut mpsc::Receiver<Line>,
    target: &mut impl Target,
    under_way: &AtomicUsize,
) {
    let mut bytes = first.bytes;
    let mut answers = vec![first.written];
    while bytes.len() < BATCH_BYTES
        && let Ok(line) = waiting.try_recv()
    {
        bytes.extend_from_slice(&line.bytes);
        answers.push(line.written);
    }
    let outcome = target.write(&bytes);
    // Before the answers: whoever has them all and drops the sink must find the thread idle.
    under_way.fetch_sub(answers.len(), Ordering::Release);
    for answer in answers {
        // A publisher that has gone does not want to know.
        drop(answer.send(outcome.clone()));
    }
}
