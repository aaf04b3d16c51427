//! [`Cancel`]: whether a handler is registered, and what of it runs.

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

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

    /// Waits for this, but not for a handler that is cancelled.
    ///
    /// Boxed, because it is for those who must wait: the others, who may be deeply nested, have less on the stack.
    pub(crate) fn unless<'a, T>(
        &'a self,
        wait: impl Future<Output = T> + Send + 'a,
    ) -> BoxFuture<'a, Option<T>> {
        Box::pin(async move {
            // Cancel safe: what is dropped is a wait, for whatever it was, and there is nothing to be lost.
            tokio::select! {
                biased;
                waited = wait => Some(waited),
                () = self.told.cancelled() => None,
            }
        })
    }
}

/// What a middleware gets instead of the handler.
#[derive(Debug, thiserror::Error)]
#[error("its registration was cancelled")]
pub(crate) struct Cancelled;
