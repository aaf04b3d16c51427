//! A bounded queue with many receivers: each message goes to the member that asks for one first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Semaphore;

// ANCHOR: queue
#[derive(Debug)]
struct Queue<T> {
    /// A lock of the standard library: it is held for a push or a pop, never across an await.
    messages: Mutex<VecDeque<T>>,
    /// A permit for each free slot. Closed when the last member has left.
    free: Semaphore,
    /// A permit for each message in the queue. Closed when the group has been dropped.
    queued: Semaphore,
}
// ANCHOR_END: queue

/// The publishing end of a queue. When it is dropped, the members receive what is in the queue, and then `None`.
#[derive(Debug)]
pub struct Group<T>(Arc<Queue<T>>);

/// A receiving end. Clones receive from the same queue.
#[derive(Clone, Debug)]
pub struct Member<T>(Arc<Receiving<T>>);

/// What the members share. It is dropped with the last of them.
#[derive(Debug)]
struct Receiving<T>(Arc<Queue<T>>);

/// A group whose queue has this many slots, and its first member.
pub fn group<T>(slots: usize) -> (Group<T>, Member<T>) {
    let queue = Arc::new(Queue {
        messages: Mutex::new(VecDeque::with_capacity(slots)),
        free: Semaphore::new(slots),
        queued: Semaphore::new(0),
    });
    (Group(Arc::clone(&queue)), Member(Arc::new(Receiving(queue))))
}

// ANCHOR: publish
impl<T> Group<T> {
    /// Waits for a free slot. When no member is left, it gives the message back; when it is dropped, the message is too.
    pub async fn publish(&self, message: T) -> Result<(), T> {
        let queue = &self.0;
        let Ok(slot) = queue.free.acquire().await else { return Err(message) };
        slot.forget(); // the member that takes the message adds it again
        queue.messages().push_back(message);
        queue.queued.add_permits(1);
        Ok(())
    }
}

impl<T> Member<T> {
    /// The oldest message, which no other member gets. `None` when the group has been dropped and the queue is empty.
    pub async fn next(&self) -> Option<T> {
        let queue = &self.0.0;
        match queue.queued.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_closed) => {} // nothing will be added; what is in the queue can still be taken
        }
        let message = queue.messages().pop_front()?;
        queue.free.add_permits(1);
        Some(message)
    }
}
// ANCHOR_END: publish

impl<T> Drop for Group<T> {
    fn drop(&mut self) {
        self.0.queued.close();
    }
}

impl<T> Drop for Receiving<T> {
    fn drop(&mut self) {
        self.0.free.close();
    }
}

impl<T> Queue<T> {
    fn messages(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.messages.lock().expect("nothing panics under this lock")
    }
}
