//! [`Subscription`]: the receiving end.
//!
//! Buffers nothing: a message is in the mailbox until it is handed out.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use futures::Stream;

use crate::{
    Delivery, Pattern,
    mailbox::{Mailbox, Take},
    router::SubscriberId,
    shared::Shared,
};

/// Receives the messages that match a pattern, in the order in which they were offered.
///
/// Also a [`Stream`], for `futures::StreamExt` and friends.
///
/// # Full
///
/// A slow subscriber has at most its capacity queued, and then its [`Overflow`](crate::Overflow) decides. Whatever was
/// dropped shows as [`gap`](Delivery::gap) on the next message. Nothing that happens to other subscriptions has an
/// effect on this one.
///
/// # Closing
///
/// When the bus is closed, or its last handle dropped, what is queued still arrives, and then the stream ends.
///
/// # Dropping
///
/// Unsubscribes, at once and from any thread, with or without a runtime. What is queued is dropped and counted as
/// abandoned, unless a queue group has other members: those get it. A publisher that waits for a place goes on.
#[derive(Debug)]
#[must_use = "dropping a subscription unsubscribes"]
pub struct Subscription {
    shared: Arc<Shared>,
    id: SubscriberId,
    mailbox: Arc<Mailbox>,
    left: AtomicBool,
}

impl Subscription {
    pub(crate) fn new(shared: Arc<Shared>, id: SubscriberId, mailbox: Arc<Mailbox>) -> Self {
        Self { shared, id, mailbox, left: AtomicBool::new(false) }
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Unsubscribes before the drop, for a subscription that several share. Leaving twice is leaving once.
    pub(crate) fn leave(&self) {
        if !self.left.swap(true, Ordering::Relaxed) {
            self.shared.router.unsubscribe(self.id, &self.mailbox);
            self.shared.progress.ended();
        }
    }

    /// The next message; `None` after the bus was closed and everything queued was handed out.
    ///
    /// Takes part in Tokio's cooperative scheduling: a flood does not starve the other tasks.
    ///
    /// # Cancel safety
    ///
    /// Takes a message only in the poll that returns it. Dropping the future loses nothing.
    pub async fn recv(&mut self) -> Option<Delivery> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next message, if there is one now.
    ///
    /// # Errors
    ///
    /// There is none now, or never again.
    pub fn try_recv(&mut self) -> Result<Delivery, TryRecvError> {
        match self.mailbox.take() {
            Take::Delivery(delivery) => {
                self.shared.progress.taken(&self.mailbox);
                Ok(delivery)
            }
            Take::Empty => Err(TryRecvError::Empty),
            Take::Closed => Err(TryRecvError::Closed),
        }
    }

    /// [`recv`](Self::recv) for a future written by hand: on `Pending` the task is woken by the next message.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.poll_take(cx)
    }

    /// [`poll_recv`](Self::poll_recv) for several who share the subscription: only the last one who polled is woken.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let delivery = ready!(self.mailbox.poll_take(self.id, cx));
        budget.made_progress();
        self.shared.progress.taken(&self.mailbox);
        Poll::Ready(delivery)
    }

    /// The pattern that it was opened with.
    pub fn pattern(&self) -> &Pattern {
        &self.mailbox.pattern
    }

    /// How many messages its mailbox has dropped so far; in a queue group, the mailbox of all members.
    pub fn dropped(&self) -> u64 {
        self.mailbox.counts().dropped
    }
}

impl Stream for Subscription {
    type Item = Delivery;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.get_mut().poll_recv(cx)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.leave();
    }
}

/// There is no message now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TryRecvError {
    /// One may come later.
    #[error("no message is queued")]
    Empty,
    /// The bus is closed and everything queued was handed out.
    #[error("the bus is closed")]
    Closed,
}
