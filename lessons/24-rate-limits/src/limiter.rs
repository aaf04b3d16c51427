//! A limit that many tasks share. Callers that wait are served in the order in which they came.
//!
//! The guard of a std mutex must not exist at an `.await`. The compiler rejects it in a task that may change its thread:
//!
//! ```compile_fail
//! use std::sync::{Arc, Mutex};
//!
//! use lesson_24::bucket::TokenBucket;
//! use lesson_24::window::Limit;
//! use tokio::time::{Instant, sleep_until};
//!
//! # async fn shared(limit: Arc<Mutex<TokenBucket>>) {
//! tokio::spawn(async move {
//!     let mut limit = limit.lock().unwrap();
//!     while let Err(free_at) = limit.take(Instant::now()) {
//!         sleep_until(free_at).await;
//!     }
//! });
//! # }
//! ```

use std::sync::Mutex;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use crate::window::Limit;

/// A limit, and a queue in front of it.
// ANCHOR: limiter
pub struct Limiter<L> {
    /// A std mutex: it is locked for one `take`, and never across an await.
    limit: Mutex<L>,
    /// One permit: the turn to wait for the next free moment. The other callers queue for it, first in, first out.
    turn: Semaphore,
}

impl<L: Limit> Limiter<L> {
    /// Waits until a request may pass.
    ///
    /// Cancel safe: a caller that is dropped loses its place in the queue, and takes nothing.
    pub async fn acquire(&self) {
        if self.try_acquire().is_ok() {
            return;
        }
        let _turn = self.turn.acquire().await.expect("it is never closed");
        while let Err(free_at) = self.take() {
            sleep_until(free_at).await;
        }
    }

    /// Does not wait, and does not overtake the callers that do.
    pub fn try_acquire(&self) -> Result<(), Refused> {
        if self.turn.available_permits() == 0 {
            return Err(Refused::OthersWait);
        }
        self.take().map_err(Refused::Until)
    }

    /// The guard is dropped here, at the end of the statement, before the caller awaits anything.
    fn take(&self) -> Result<(), Instant> {
        self.limit.lock().expect("`take` does not panic").take(Instant::now())
    }
}
// ANCHOR_END: limiter

impl<L> Limiter<L> {
    /// Shares `limit`.
    pub fn new(limit: L) -> Self {
        Self { limit: Mutex::new(limit), turn: Semaphore::new(1) }
    }
}

/// Why a request may not pass now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The limit has been reached. A request may pass at this moment, if no other comes first.
    Until(Instant),
    /// Others wait already, and it is their turn.
    OthersWait,
}
