//! [`Cancel`]: whether a handler is registered, and what of it runs.

use futures::future::{Either, ready};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::pipeline::interrupt::Interrupt;
use crate::pipeline::outcome::{Outcome, Skip};

/// Between a handler's emissions and those who may cancel it.
#[derive(Debug, Default)]
pub(crate) struct Cancel {
    /// What emissions do with the handler. Closed when it is cancelled: an emission enters before it asks, so that whoever
    /// cancels and then waits has either refused it or waits for it.
    runs: TaskTracker,
    /// Ends the waits.
    told: CancellationToken,
}

impl Cancel {
    /// An emission has come to the handler, until this is dropped.
    pub(crate) fn enter(&self) -> TaskTrackerToken {
        self.runs.token()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.runs.is_closed()
    }

    pub(crate) fn cancel(&self) {
        self.runs.close();
        self.told.cancel();
    }

    /// After a cancel: nothing of the handler runs, or begins.
    pub(crate) async fn ended(&self) {
        self.runs.wait().await;
    }
}

impl Interrupt for &Cancel {
    async fn told(&mut self) {
        self.told.cancelled().await;
    }

    /// A call that has begun runs to its end. No `async fn`, which would take more of the stack.
    fn run(&mut self, call: impl Future<Output = Outcome> + Send) -> impl Future<Output = Outcome> + Send {
        if self.is_cancelled() {
            Either::Left(ready(Outcome::Skipped(Skip::Cancelled)))
        } else {
            Either::Right(call)
        }
    }
}
