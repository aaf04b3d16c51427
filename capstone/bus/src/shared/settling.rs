//! [`Settling`]: copies of requests that have their reply, and still wait in front of full mailboxes.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// How many requests may have copies that wait.
const MOST: usize = 1_024;

/// Owns the tasks that wait for them: each ends with the timeouts of its mailboxes.
#[derive(Debug)]
pub(crate) struct Settling {
    room: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Settling {
    /// Waits for these in a task of its own; here, while there are so many already.
    pub(crate) async fn take_over(&self, settle: impl Future<Output: Send> + Send + 'static) {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            settle.await;
            return;
        };
        self.tasks.spawn(async move {
            settle.await;
            drop(place);
        });
    }

    /// Waits until none is left.
    pub(crate) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Default for Settling {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST)), tasks: TaskTracker::new() }
    }
}
