//! Exercise 24.2: a limiter whose callers may give up.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

/// Lets one request pass, and the next one `every` later at the earliest.
pub struct Limiter {
    every: Duration,
    /// The earliest moment at which the next request may pass.
    next: Mutex<Instant>,
    /// One permit.
    turn: Semaphore,
}

impl Limiter {
    pub fn new(every: Duration) -> Self {
        Self { every, next: Mutex::new(Instant::now()), turn: Semaphore::new(1) }
    }

    /// Waits until a request may pass. It may be dropped at any moment.
    pub async fn acquire(&self) {
        //~ begin
        let _turn = self.turn.acquire().await.expect("it is never closed"); // kept while it sleeps
        let free_at = *self.next.lock().expect("nothing panics under this lock");
        sleep_until(free_at).await;
        // Nothing is awaited from here on, so a caller that is dropped has not changed `next`.
        *self.next.lock().expect("nothing panics under this lock") = Instant::now() + self.every;
        //~ starter
        //~| // TODO: a caller that gives up has reserved a moment, which nobody else gets.
        //~| let mine = {
        //~|     let mut next = self.next.lock().expect("nothing panics under this lock");
        //~|     let mine = (*next).max(Instant::now());
        //~|     *next = mine + self.every;
        //~|     mine
        //~| };
        //~| sleep_until(mine).await;
        //~ end
    }
}
