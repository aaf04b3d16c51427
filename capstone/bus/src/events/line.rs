//! [`Line`]: how many emissions may wait for one handler. [`Gate`]: how many may run it at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::LimitError;

/// Places to wait for one handler, for a turn under its concurrency and its rate.
///
/// An emission that waits holds its event, and nothing bounds how many tasks emit: without this line a slow handler
/// would collect them all in memory.
#[derive(Debug)]
pub(crate) struct Line {
    waiting: AtomicUsize,
    waiting_max: usize,
}

/// A place, until it is dropped.
pub(crate) struct Place<'a>(&'a Line);

impl Line {
    pub(crate) fn new(waiting_max: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), waiting_max }
    }

    pub(crate) fn enter(&self) -> Result<Place<'_>, LimitError> {
        let one_more = |waiting| (waiting < self.waiting_max).then_some(waiting + 1);
        let entered = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        entered.map(|_| Place(self)).map_err(|_| LimitError::Busy)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// First come, first served.
#[derive(Debug)]
pub(crate) struct Gate(Semaphore);

impl Gate {
    pub(crate) fn new(concurrency: usize) -> Self {
        Self(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS)))
    }

    /// A turn, if nobody must be waited for. It never passes those who wait: what is released goes to them first.
    pub(crate) fn try_pass(&self) -> Option<SemaphorePermit<'_>> {
        self.0.try_acquire().ok()
    }

    /// Waits for a turn, with a place in the line.
    pub(crate) async fn pass(&self, line: &Line) -> Result<SemaphorePermit<'_>, LimitError> {
        let _place = line.enter()?;
        Ok(self.0.acquire().await.expect("never closed"))
    }
}
