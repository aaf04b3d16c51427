//! [`HandlerTask`]: owns what runs a handler.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::shared::handlers::{Control, Stop};
use crate::{HandlerStats, Pattern, Subscription};

/// A handler that runs; made by [`Bus::handle`](crate::Bus::handle).
///
/// # The end of the bus
///
/// When the bus is closed, what is queued is still handled, with all attempts. Then the task ends.
///
/// # Dropping
///
/// Stops the handler. It is unsubscribed when the drop returns, what is queued is dropped and counted as abandoned, and
/// no message is taken any more. A handler that is running is cut off where it awaits: it is not polled again, and its
/// future is dropped soon after, on its own thread. One that is being polled at this moment, on another thread, is cut
/// off at the end of that poll. Its message counts as cut off, and becomes a [dead
/// letter](crate::TopicHandlerBuilder::dead_letter) where that was asked for.
///
/// [`unsubscribe`](Self::unsubscribe) lets it finish, and [`detach`](Self::detach) lets it live.
#[derive(Debug)]
#[must_use = "dropping it stops the handler"]
pub struct HandlerTask {
    control: Arc<Control>,
    subscription: Arc<Subscription>,
    workers: JoinSet<()>,
    detached: bool,
}

impl HandlerTask {
    pub(crate) fn new(control: Arc<Control>, subscription: Arc<Subscription>, workers: JoinSet<()>) -> Self {
        Self { control, subscription, workers, detached: false }
    }

    /// Unsubscribes and awaits the end of what is running: after it returns, the handler does not run any more.
    ///
    /// What is queued is dropped, unless a queue group has other members. A message that waits for its next attempt
    /// gets none: it has failed. One that waits for the [rate](crate::TopicHandlerBuilder::rate) with its first is cut off.
    /// Returns what was counted.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end it is as if the handler's owner had been dropped: what is still running is cut off.
    pub async fn unsubscribe(mut self) -> HandlerStats {
        self.control.stop(Stop::Finish);
        self.subscription.leave();
        self.join().await;
        self.stats()
    }

    /// Awaits the end of the bus: that it is closed, and everything queued is handled. Says what was counted.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end it is as if the handler's owner had been dropped: what is still running is cut off.
    pub async fn finished(mut self) -> HandlerStats {
        self.join().await;
        self.stats()
    }

    /// Lets the handler run until the bus is closed, without an owner. A handler that holds a [`Bus`](crate::Bus) keeps
    /// it open: then only [`close`](crate::Bus::close) ends it.
    pub fn detach(mut self) {
        self.detached = true;
    }

    /// What was counted so far.
    pub fn stats(&self) -> HandlerStats {
        self.control.pipeline.stats()
    }

    /// The pattern that it handles.
    pub fn pattern(&self) -> &Pattern {
        self.subscription.pattern()
    }

    /// A worker catches the panics of its handler; another one, such as in the handler's `Drop`, is passed on.
    async fn join(&mut self) {
        while let Some(ended) = self.workers.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }
}

impl Drop for HandlerTask {
    fn drop(&mut self) {
        // The workers are not aborted but told: so they settle what they had, and count it.
        self.workers.detach_all();
        if !self.detached {
            self.control.stop(Stop::Abort);
            self.subscription.leave();
        }
    }
}
