//! What the commands of one read have caused, and what is done about it when all of them are carried out.
//!
//! Outlets are offered messages on the publisher's thread. So they leave here whom to wake and whom to wait for, and the
//! publishing connection, which is the only one that can, does so once for everything that came in one read.

use std::cell::RefCell;
use std::sync::Arc;
use std::task::Waker;

use super::outbound::Outbound;

thread_local! {
    /// Present while a connection carries out commands on this thread.
    static CURRENT: RefCell<Option<Batch>> = const { RefCell::new(None) };
}

/// See the module.
#[derive(Debug, Default)]
#[must_use = "receivers are not woken until this is dropped"]
pub(super) struct Batch {
    wakers: Vec<Waker>,
    /// Receivers that have more pending than they should.
    pub(super) pressed: Vec<Arc<Outbound>>,
    stall: Stall,
}

/// Whether the publishing connection may still be held up by slow receivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stall {
    #[default]
    Allowed,
    /// It was, for as long as one read may cost its client.
    Over,
}

impl Batch {
    fn new(stall: Stall) -> Self {
        Self { wakers: Vec::new(), pressed: Vec::new(), stall }
    }

    /// Runs this, and collects what outlets leave. Awaits nothing, so nobody else's commands come in between.
    pub(super) fn collect<R>(stall: Stall, run: impl FnOnce() -> R) -> (R, Self) {
        CURRENT.set(Some(Self::new(stall)));
        // After a panic it must not stay: publishers that are no connections would leave their wake-ups in it.
        let gone = TakeOnDrop;
        let result = run();
        let batch = CURRENT.take().unwrap_or_default();
        drop(gone);
        (result, batch)
    }

    /// Wakes the writer of a connection when the batch is over; at once when there is none.
    pub(super) fn wake(waker: Waker) {
        let at_once = CURRENT.with_borrow_mut(|current| match current {
            Some(batch) => {
                batch.wakers.push(waker);
                None
            }
            None => Some(waker),
        });
        if let Some(waker) = at_once {
            waker.wake();
        }
    }

    /// Lets the publishing connection wait for this receiver. Without effect on a publisher that is no connection.
    pub(super) fn press(receiver: &Arc<Outbound>) {
        CURRENT.with_borrow_mut(|current| {
            if let Some(batch) = current
                && batch.stall == Stall::Allowed
                && !batch.pressed.iter().any(|known| Arc::ptr_eq(known, receiver))
            {
                batch.pressed.push(Arc::clone(receiver));
            }
        });
    }

    /// Whether somebody must be waited for before the next command.
    pub(super) fn is_pressed() -> bool {
        CURRENT.with_borrow(|current| current.as_ref().is_some_and(|batch| !batch.pressed.is_empty()))
    }
}

struct TakeOnDrop;

impl Drop for TakeOnDrop {
    fn drop(&mut self) {
        drop(CURRENT.take());
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn receivers_are_woken_when_the_batch_is_over_also_by_a_panic_and_at_once_without_one() {
        let woken = Arc::new(Woken::default());
        let count = || woken.0.load(Ordering::Relaxed);
        let ((), batch) = Batch::collect(Stall::Allowed, || Batch::wake(Waker::from(Arc::clone(&woken))));
        assert_eq!(count(), 0);
        drop(batch);
        assert_eq!(count(), 1);

        let panics = || {
            Batch::wake(Waker::from(Arc::clone(&woken)));
            panic!("on purpose");
        };
        catch_unwind(AssertUnwindSafe(|| drop(Batch::collect(Stall::Allowed, panics)))).expect_err("a panic");
        assert_eq!(count(), 2);
        Batch::wake(Waker::from(Arc::clone(&woken)));
        assert_eq!(count(), 3);
    }
}
