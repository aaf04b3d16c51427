//! [`Tasks`]: what runs without a caller that awaits it, so that a shutdown can.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::base::caught::{self, caught};
use crate::base::counter::Counter;

/// Owns the tasks of a registry: it waits for them, sees their panics, and drops what is left at the deadline.
#[derive(Debug)]
pub(crate) struct Tasks {
    closed: AtomicBool,
    /// One permit for each event that may be emitted and forgotten at a time.
    room: Arc<Semaphore>,
    /// Emitted and forgotten, and not finished.
    forgotten: TaskTracker,
    /// The tasks of feeds; each ends behind the event under way when `stop` says so.
    feeds: TaskTracker,
    stop: CancellationToken,
    /// Emissions that somebody awaits, those inside of handlers left out.
    awaited: TaskTracker,
    /// The tasks of actors.
    actors: TaskTracker,
    /// Tells the tasks that the deadline is over.
    abort: CancellationToken,
    counts: Arc<TaskCounts>,
}

#[derive(Debug, Default)]
pub(crate) struct TaskCounts {
    pub(crate) finished: Counter,
    pub(crate) panicked: Counter,
}

impl TaskCounts {
    fn panicked(&self, payload: Box<dyn Any + Send>) {
        let _text = caught::text(payload);
        self.panicked.add_one();
    }
}

/// Room for one event, and the right to run it.
pub(crate) struct Ticket {
    _room: OwnedSemaphorePermit,
    /// Keeps a shutdown from ending before the task does.
    _tracked: TaskTrackerToken,
}

/// Why there is no ticket.
pub(crate) enum NoTicket {
    Full,
    Closed,
}

impl Tasks {
    pub(crate) fn new(forgotten_max: usize) -> Self {
        Self {
            closed: AtomicBool::new(false),
            room: Arc::new(Semaphore::new(forgotten_max.min(Semaphore::MAX_PERMITS))),
            forgotten: TaskTracker::new(),
            feeds: TaskTracker::new(),
            stop: CancellationToken::new(),
            awaited: TaskTracker::new(),
            actors: TaskTracker::new(),
            abort: CancellationToken::new(),
            counts: Arc::default(),
        }
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(crate) fn forgotten(&self) -> usize {
        self.forgotten.len()
    }

    pub(crate) fn counts(&self) -> &TaskCounts {
        &self.counts
    }

    // ANCHOR: ticket
    pub(crate) fn ticket(&self) -> Result<Ticket, NoTicket> {
        // Tracked before it looks: a shutdown that this does not see closes later, and then waits for it.
        let tracked = self.forgotten.token();
        if self.is_closed() {
            return Err(NoTicket::Closed);
        }
        let room = Arc::clone(&self.room).try_acquire_owned().map_err(|_| NoTicket::Full)?;
        Ok(Ticket { _room: room, _tracked: tracked })
    }

    /// Runs the future in a task of its own, until it ends or the deadline of a shutdown is over.
    pub(crate) fn spawn<F: Future<Output: Send> + Send + 'static>(&self, ticket: Ticket, future: F) {
        let (abort, counts) = (self.abort.clone(), Arc::clone(&self.counts));
        tokio::spawn(async move {
            let _ticket = ticket;
            // Handlers are caught one by one; what is left is the drop of an event, and of their errors.
            match caught(abort.run_until_cancelled(future)).await {
                Ok(Some(_)) => counts.finished.add_one(),
                Ok(None) => {}
                Err(payload) => counts.panicked(payload),
            }
        });
    }
    // ANCHOR_END: ticket

    /// Spawns tasks that end by themselves when their handler is forgotten.
    pub(crate) fn spawner(&self) -> Spawner {
        self.spawner_into(&self.actors)
    }

    /// Spawns the task of a feed, which ends when the token says so.
    #[cfg(feature = "bridge")]
    pub(crate) fn feeder(&self) -> (Spawner, CancellationToken) {
        (self.spawner_into(&self.feeds), self.stop.child_token())
    }

    fn spawner_into(&self, tracker: &TaskTracker) -> Spawner {
        let (tracker, abort, counts) = (tracker.clone(), self.abort.clone(), Arc::clone(&self.counts));
        Spawner { tracker, abort, counts }
    }

    /// Somebody awaits an emission, until this is dropped.
    pub(crate) fn awaited(&self) -> TaskTrackerToken {
        self.awaited.token()
    }

    /// Ends each feed behind the event that it has under way. Without this it ends with its subscription.
    pub(crate) fn stop_feeds(&self) {
        self.stop.cancel();
    }

    /// Waits for the feeds, and for all that was emitted, forgotten or awaited.
    pub(crate) async fn drained(&self) {
        for tasks in [&self.feeds, &self.forgotten, &self.awaited] {
            tasks.close();
            tasks.wait().await;
        }
    }

    /// Waits for the tasks: not for emissions, which somebody else owns.
    pub(crate) async fn ended(&self) {
        for tasks in [&self.feeds, &self.forgotten, &self.actors] {
            tasks.close();
            tasks.wait().await;
        }
    }

    /// Events that were forgotten, or fed, and have not ended; actors; emissions that somebody awaits.
    pub(crate) fn left(&self) -> [usize; 3] {
        [self.forgotten.len() + self.feeds.len(), self.actors.len(), self.awaited.len()]
    }

    /// Drops what is left; each task ends at the `await` where it is.
    pub(crate) fn abort(&self) {
        self.abort.cancel();
    }
}

/// The way for a handler to have tasks, without a handle to the registry that has the handler.
#[derive(Debug)]
pub(crate) struct Spawner {
    tracker: TaskTracker,
    abort: CancellationToken,
    counts: Arc<TaskCounts>,
}

impl Spawner {
    pub(crate) fn spawn<F: Future<Output = ()> + Send + 'static>(&self, future: F) {
        let (abort, counts) = (self.abort.clone(), Arc::clone(&self.counts));
        self.tracker.spawn(async move {
            if let Err(payload) = caught(abort.run_until_cancelled(future)).await {
                counts.panicked(payload);
            }
        });
    }
}
