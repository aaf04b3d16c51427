//! [`Wait`]: a place in the waiting line of one full mailbox.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use crate::mailbox::{Mailbox, Span, Waited};

/// Messages that wait in front of a full mailbox. Dropping this takes back those that the consumer has not moved yet,
/// counted as dropped.
#[derive(Debug)]
#[must_use = "dropping it takes the messages out of the waiting line"]
pub(crate) struct Wait {
    mailbox: Arc<Mailbox>,
    all: Span,
    /// Of `all`, those that may still wait.
    left: Span,
    timeout: Duration,
}

impl Wait {
    pub(crate) fn new(mailbox: Arc<Mailbox>, span: Span, timeout: Duration) -> Self {
        Self { mailbox, all: span, left: span, timeout }
    }

    /// How many messages entered the line together.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Waits until the consumer has moved the messages into the ring, or one of them has been the first in line for as
    /// long as the timeout, counted from the first poll. At the very same moment the consumer wins.
    pub(crate) async fn outcome(mut self) -> Waited {
        while !self.left.is_empty() {
            let left = poll_fn(|cx| self.mailbox.poll_waited(self.left, cx));
            match tokio::time::timeout(self.timeout, left).await {
                Ok(left) => self.left = left,
                Err(_elapsed) => {
                    self.mailbox.expire(self.left);
                    break;
                }
            }
        }
        self.mailbox.waited(self.all)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if !self.left.is_empty() {
            self.mailbox.cancel(self.left);
        }
    }
}
