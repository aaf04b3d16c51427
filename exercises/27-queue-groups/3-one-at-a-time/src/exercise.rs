//! Exercise 27.3: workers share a queue, and only one of them has a change of an order in hand.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

/// A change of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: u32,
    pub order: u32,
}

/// A queue that several workers share.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    /// Notified when there may be something new to take.
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    waiting: VecDeque<Change>,
    ended: bool,
}

/// A change that a worker has in hand, until this is dropped.
pub struct InHand {
    pub change: Change,
    queue: Arc<Queue>,
}

impl Queue {
    /// Waits for a change that may be taken: the oldest one of an order of which no change is in hand. Returns `None` when the
    /// queue has ended and all changes have been taken.
    pub async fn next(self: &Arc<Self>) -> Option<InHand> {
        loop {
            // From here on, no call of `notify_waiters` is missed.
            let changed = self.changed.notified();
            {
                let mut state = self.state();
                // TODO: pass over the changes of an order while another worker has one of it in hand.
                if let Some(change) = state.waiting.pop_front() {
                    return Some(InHand { change, queue: Arc::clone(self) });
                }
                if state.ended {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Adds a change behind all others.
    pub fn publish(&self, change: Change) {
        self.state().waiting.push_back(change);
        self.changed.notify_waiters();
    }

    /// Nothing is published any more.
    pub fn end(&self) {
        self.state().ended = true;
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

/// However a worker ends, it has the change in hand no longer.
impl Drop for InHand {
    fn drop(&mut self) {
        // TODO: the next change of this order may be taken now.
    }
}
