//! [`Rate`]: how often a handler may be called.
//!
//! # Why not a crate?
//!
//! `governor` sleeps on a timer of its own, which a paused Tokio clock does not move; and after a pause it lets nearly
//! twice the number through in one period. See `docs/adr/0005-limits-of-handlers-are-our-own.md`.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use crate::pipeline::outcome::LimitError;
use crate::pipeline::waiting_room::WaitingRoom;

/// When a moment lies beyond what the clock can say.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// What happens to a call that exceeds the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RatePolicy {
    /// It waits for its turn, first come, first served.
    Wait,
    /// The handler is skipped; a message of a topic is gone then.
    Drop,
    /// The handler fails with [`LimitError::RateLimited`].
    Error,
}

/// At most this many calls in any window of this length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimit {
    pub(crate) calls: usize,
    pub(crate) per: Duration,
    pub(crate) policy: RatePolicy,
}

/// Keeps the limit of one handler.
#[derive(Debug)]
pub(crate) struct Rate {
    limit: RateLimit,
    /// When the last `calls` calls began. Of the standard library: locked for a push and a pop.
    begun: Mutex<VecDeque<Instant>>,
    /// Held by the one who waits for the next free moment; the others queue for it. So nobody reserves a moment, and
    /// one who goes away leaves no hole.
    turn: Semaphore,
}

/// What the rate says to a call.
pub(crate) enum Admitted {
    Yes,
    /// When it has waited.
    Later,
    Dropped,
    Refused,
}

impl Rate {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self { limit, begun: Mutex::default(), turn: Semaphore::new(1) }
    }

    pub(crate) fn admit(&self) -> Admitted {
        // It never passes those who wait.
        let policy = self.limit.policy;
        let turn = if policy == RatePolicy::Wait { self.turn.try_acquire().ok() } else { None };
        match policy {
            RatePolicy::Wait if turn.is_none() => Admitted::Later,
            _ if self.begin().is_ok() => Admitted::Yes,
            RatePolicy::Wait => Admitted::Later,
            RatePolicy::Drop => Admitted::Dropped,
            RatePolicy::Error => Admitted::Refused,
        }
    }

    // ANCHOR: wait
    /// Waits for the next free moment: with a seat in this room, or in front of it, if there is none.
    pub(crate) async fn wait(&self, room: Option<&WaitingRoom>) -> Result<(), LimitError> {
        let _seat = room.map(WaitingRoom::enter).transpose()?;
        let _turn = self.turn.acquire().await.expect("never closed");
        while let Err(free_at) = self.begin() {
            sleep_until(free_at).await;
        }
        Ok(())
    }
    // ANCHOR_END: wait

    /// Counts a call that begins now; otherwise says when one may.
    fn begin(&self) -> Result<(), Instant> {
        let now = Instant::now();
        let mut begun = self.begun.lock().expect("nothing that can panic runs under this lock");
        if begun.len() == self.limit.calls {
            let free_at = begun[0].checked_add(self.limit.per).unwrap_or(now + FAR);
            if now < free_at {
                return Err(free_at);
            }
            begun.pop_front();
        }
        begun.push_back(now);
        Ok(())
    }
}
