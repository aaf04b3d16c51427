//! [`WaitingRoom`]: how many may wait for one handler. [`Gate`]: how many may run it at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::pipeline::outcome::LimitError;

/// Seats for those who wait for one handler: for a turn under its concurrency, or for its rate.
///
/// An emission that waits holds its event, and nothing bounds how many tasks emit: without this a slow handler would
/// collect them all in memory.
#[derive(Debug)]
pub(crate) struct WaitingRoom {
    waiting: AtomicUsize,
    waiting_max: usize,
}

/// Taken, until it is dropped.
pub(crate) struct Seat<'a>(&'a WaitingRoom);

impl WaitingRoom {
    pub(crate) fn new(waiting_max: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), waiting_max }
    }

    pub(crate) fn enter(&self) -> Result<Seat<'_>, LimitError> {
        let one_more = |waiting| (waiting < self.waiting_max).then_some(waiting + 1);
        let entered = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        entered.map(|_| Seat(self)).map_err(|_| LimitError::Busy)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// First come, first served.
#[derive(Debug)]
pub(crate) struct Gate(Semaphore);

/// Held over all attempts and the pauses between them: so a limit bounds what is in hand.
pub(crate) type Turn<'a> = SemaphorePermit<'a>;

impl Gate {
    pub(crate) fn new(concurrency: usize) -> Self {
        Self(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS)))
    }

    /// A turn, if nobody must be waited for. It never passes those who wait: what is released goes to them first.
    pub(crate) fn try_pass(&self) -> Option<Turn<'_>> {
        self.0.try_acquire().ok()
    }

    /// Waits for a turn, with a seat.
    pub(crate) async fn pass(&self, room: &WaitingRoom) -> Result<Turn<'_>, LimitError> {
        let _seat = room.enter()?;
        Ok(self.0.acquire().await.expect("never closed"))
    }
}
