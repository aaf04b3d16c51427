//! [`Wait`]: a place in the waiting line of one full mailbox.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::mailbox::line::Span;
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::waiting::LOOKS_AFTER;

/// Messages that wait in front of a full mailbox. Dropping this takes back those that the consumer has not moved yet,
/// counted as dropped.
#[derive(Debug)]
#[must_use = "dropping it takes the messages out of the waiting line"]
pub(crate) struct Wait {
    mailbox: Arc<Mailbox>,
    /// How many entered the line together.
    messages: usize,
    /// Those that may still wait.
    left: Span,
    timeout: Duration,
    enqueued: usize,
    /// Of the same queue group: where the messages may go, too, if there is room first.
    others: Vec<Arc<Mailbox>>,
}

/// What became of messages in the waiting line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waited {
    pub(crate) enqueued: usize,
    pub(crate) dropped: usize,
}

impl Wait {
    pub(crate) fn new(mailbox: Arc<Mailbox>, left: Span, timeout: Duration) -> Self {
        Self { mailbox, messages: left.len(), left, timeout, enqueued: 0, others: Vec::new() }
    }

    /// Lets the messages go into any of these mailboxes instead.
    pub(crate) fn or_in(&mut self, others: Vec<Arc<Mailbox>>) {
        self.others = others;
    }

    /// Looks whether they have got in by now, and says whether some still wait.
    pub(crate) fn look(&mut self) -> bool {
        let nobody = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready((moved, left)) = self.mailbox.poll_waited(self.left, nobody) {
            self.enqueued += moved;
            self.left = left;
        }
        !self.left.is_empty()
    }

    /// Waits until the messages are in a ring, or one of them has been the first in line for as long as the timeout,
    /// counted from the first poll. At the very same moment the consumer wins.
    pub(crate) async fn outcome(mut self) -> Waited {
        let (mut since, mut look) = (Instant::now(), LOOKS_AFTER);
        while !self.left.is_empty() {
            let left = poll_fn(|cx| self.mailbox.poll_waited(self.left, cx));
            let pause = self.timeout.saturating_sub(since.elapsed());
            let pause = if self.looks() { pause.min(look) } else { pause };
            if let Ok((moved, left)) = timeout(pause, left).await {
                self.enqueued += moved;
                self.left = left;
                since = Instant::now();
            } else if self.go_elsewhere() {
                since = Instant::now();
            } else if since.elapsed() < self.timeout {
                look = self.mailbox.looks_after(self.left);
            } else {
                self.enqueued += self.mailbox.expire(self.left);
                self.left = self.left.skip(self.left.len());
            }
        }
        Waited { enqueued: self.enqueued, dropped: self.messages - self.enqueued }
    }

    /// Whether there may be a place that nobody tells it of.
    fn looks(&self) -> bool {
        !self.others.is_empty() || self.mailbox.lets_in_late()
    }

    /// Says whether at least one of the messages has found a place.
    fn go_elsewhere(&mut self) -> bool {
        let before = self.left;
        for other in &self.others {
            let gone = self.mailbox.give(self.left, other);
            self.enqueued += gone;
            self.left = self.left.skip(gone);
        }
        self.left != before
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if !self.left.is_empty() {
            self.mailbox.cancel(self.left);
        }
    }
}
