//! [`Wait`]: a place in the waiting line of one full mailbox.

use std::{future::poll_fn, sync::Arc, time::Duration};

use crate::mailbox::{Mailbox, Waited};

/// A message that waits in front of a full mailbox. Dropping this takes the message back, counted as dropped, unless
/// the consumer has moved it already.
#[derive(Debug)]
#[must_use = "dropping it takes the message out of the waiting line"]
pub(crate) struct Wait {
    mailbox: Arc<Mailbox>,
    number: u64,
    timeout: Duration,
}

impl Wait {
    pub(crate) fn new(mailbox: Arc<Mailbox>, number: u64, timeout: Duration) -> Self {
        Self { mailbox, number, timeout }
    }

    /// Waits until the consumer has moved the message into the ring, or the timeout is over, counted from the first
    /// poll. At the very same moment the consumer wins.
    pub(crate) async fn outcome(self) -> Waited {
        let moved = poll_fn(|cx| self.mailbox.poll_waited(self.number, cx));
        match tokio::time::timeout(self.timeout, moved).await {
            Ok(waited) => waited,
            Err(_elapsed) => self.mailbox.expire(self.number),
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.mailbox.cancel(self.number);
    }
}
