//! [`Progress`]: tells a shutdown that there may be less left than before.

use std::sync::atomic::Ordering::SeqCst;

use crate::base::sync::{AtomicBool, Notify};
use crate::mailbox::mailbox::Mailbox;

/// Wakes a shutdown when there may be less left than before.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Whether there is a shutdown.
    ///
    /// A consumer counts a message out, often without a lock, and then looks here; a shutdown first sets this and then
    /// looks at the count. In that order, and sequentially consistent, at least one of them sees the other.
    watched: AtomicBool,
    made: Notify,
}

impl Progress {
    /// There is a shutdown from now on.
    pub(crate) fn watch(&self) {
        self.watched.store(true, SeqCst);
    }

    /// Waits until this is so. It is looked at whenever there was progress.
    pub(crate) async fn until(&self, done: impl Fn() -> bool) {
        loop {
            // Listens before it looks, so that no progress falls in between.
            let made = self.made.notified();
            tokio::pin!(made);
            made.as_mut().enable();
            if done() {
                return;
            }
            made.await;
        }
    }

    /// A message was taken out of this mailbox.
    pub(crate) fn taken(&self, mailbox: &Mailbox) {
        if self.watched.load(SeqCst) && mailbox.counts().depth == 0 {
            self.made.notify_waiters();
        }
    }

    /// A subscription or a handler has come to its end.
    pub(crate) fn ended(&self) {
        self.made.notify_waiters();
    }
}
