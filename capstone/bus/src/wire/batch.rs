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
}

impl Batch {
    /// Runs this, and collects what outlets leave. Awaits nothing, so nobody else's commands come in between.
    pub(super) fn collect<R>(run: impl FnOnce() -> R) -> (R, Self) {
        /// Wakes them all the same when this panics, and leaves the thread to others.
        struct Over;
        impl Drop for Over {
            fn drop(&mut self) {
                drop(CURRENT.take());
            }
        }
        CURRENT.set(Some(Self::default()));
        let _over = Over;
        let result = run();
        (result, CURRENT.take().unwrap_or_default())
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

impl Drop for Batch {
    fn drop(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::sync::Arc;
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
    fn a_panic_wakes_who_was_to_be_woken_and_leaves_the_thread_to_others() {
        let woken = Arc::new(Woken::default());
        let wake = || Batch::wake(Waker::from(Arc::clone(&woken)));
        let count = || woken.0.load(Ordering::Relaxed);
        let panics = || {
            Batch::collect(|| -> () {
                wake();
                assert_eq!(count(), 0, "when all is done");
                panic!("on purpose");
            })
        };
        catch_unwind(std::panic::AssertUnwindSafe(panics)).map(|_| ()).expect_err("it panics");
        assert_eq!(count(), 1);
        wake();
        assert_eq!(count(), 2, "nobody collects on this thread");
    }
}
