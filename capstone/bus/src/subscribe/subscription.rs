//! [`Subscription`]: the receiving end.
//!
//! What is between the mailbox and the hand that takes it is counted as being in the mailbox.

use std::borrow::Borrow;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::stream::FusedStream;

use crate::base::id::SubscriberId;
use crate::base::turn::poll_turn;
use crate::mailbox::consumer::Consumer;
use crate::mailbox::filter::Filter;
use crate::mailbox::keyed::InFlight;
use crate::mailbox::mailbox::{Mailbox, Take};
use crate::shared::shared::Shared;
use crate::{CloseReason, Deliveries, Delivery, Pattern};

/// Receives the messages that match a pattern, in the order in which they were offered.
///
/// Also a [`Stream`], for `futures::StreamExt` and friends, and a [`FusedStream`]: it is terminated once its end was seen, by
/// whatever method, and stays so.
///
/// # Full
///
/// A slow subscriber has at most its capacity queued, and then its [`Overflow`](crate::Overflow) decides. Whatever was
/// dropped shows as [`gap`](Delivery::gap) on the next message. Nothing that happens to other subscriptions has an
/// effect on this one.
///
/// # Closing
///
/// When the bus is closed, or its last handle dropped, what is queued still arrives, and then the stream ends. So it
/// does when its overflow is [`Disconnect`](crate::Overflow::Disconnect) and it was full;
/// [`close_reason`](Self::close_reason) tells.
///
/// # Dropping
///
/// Unsubscribes, at once and from any thread, with or without a runtime. What is queued is dropped and counted as
/// abandoned, unless a queue group has other members: those get it. A publisher that waits for a place goes on.
#[derive(Debug)]
#[must_use = "dropping a subscription unsubscribes"]
pub struct Subscription {
    shared: Arc<Shared>,
    consumer: Consumer,
    /// Whoever receives was told that nothing more will come.
    ended: bool,
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Subscription>() <= 152);

impl Subscription {
    pub(crate) fn new(
        shared: Arc<Shared>,
        id: SubscriberId,
        mailbox: Arc<Mailbox>,
        filter: Option<Filter>,
    ) -> Self {
        Self { shared, consumer: Consumer::new(id, mailbox, filter), ended: false }
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.consumer.mailbox
    }

    /// Unsubscribes before the drop, for a subscription that several share. Leaving twice is leaving once.
    pub(crate) fn leave(&self) {
        if !self.consumer.has_left.swap(true, Ordering::Relaxed) {
            self.shared.router.unsubscribe(self.consumer.id, &self.consumer.mailbox);
            self.shared.progress.ended();
        }
    }

    /// [`poll_recv`](Self::poll_recv) for several who share the subscription, and never use anything else to receive:
    /// only the last one who polled is woken.
    pub(crate) fn poll_shared(
        &self,
        mut in_flight: Option<&mut InFlight>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Delivery>> {
        poll_wanted(&self.shared, &self.consumer, cx, |consumer, cx| {
            consumer.take_shared(in_flight.as_deref_mut(), cx)
        })
    }

    /// For each of several who share the subscription; absent where messages have no keys.
    pub(crate) fn in_flight(&self) -> Option<InFlight> {
        InFlight::new(self.consumer.id, &self.consumer.mailbox)
    }

    /// The next message; `None` after the [end](Self::close_reason), when everything queued was handed out.
    ///
    /// Takes part in Tokio's cooperative scheduling: a flood does not starve the other tasks.
    ///
    /// # Cancel safety
    ///
    /// Takes a message only in the poll that returns it. Dropping the future loses nothing.
    /// [Keys](crate::SubscriptionBuilder::keyed_by_header) of what was received before are free from the first poll on.
    #[inline]
    pub fn recv(&mut self) -> Recv<'_> {
        Recv(self)
    }

    /// Up to `max` messages, appended to the buffer; waits until there is one. Returns how many: 0 only after the
    /// [end](Self::close_reason), or when `max` is 0. A batch costs little more than a message.
    ///
    /// # Cancel safety
    ///
    /// Takes messages only in the poll that returns. Dropping the future loses nothing.
    pub async fn recv_many(&mut self, buffer: &mut Vec<Delivery>, max: usize) -> usize {
        poll_fn(|cx| self.poll_recv_many(cx, buffer, max)).await
    }

    /// The next messages that were [published together](crate::Publisher::publish_batch), without a count for each:
    /// the fast way for whoever only looks at them. A message that was published alone comes alone. `None` after the
    /// [end](Self::close_reason).
    ///
    /// As many as had a place; the rest of a batch comes behind. In a queue group one member has them all. With a filter
    /// function or keys, each comes alone.
    ///
    /// # Cancel safety
    ///
    /// Takes messages only in the poll that returns them. Dropping the future loses nothing.
    pub async fn recv_batch(&mut self) -> Option<Deliveries> {
        poll_fn(|cx| self.poll_recv_batch(cx)).await
    }

    /// The next message, if there is one now.
    ///
    /// # Errors
    ///
    /// There is none now, or never again.
    pub fn try_recv(&mut self) -> Result<Delivery, TryRecvError> {
        loop {
            match self.consumer.take_one(None) {
                Take::Taken(delivery) => {
                    self.shared.progress.taken(self.mailbox());
                    if let Some(delivery) = delivery {
                        return Ok(delivery);
                    }
                }
                Take::Empty => return Err(TryRecvError::Empty),
                Take::Closed => {
                    self.ended = true;
                    return Err(TryRecvError::Closed);
                }
            }
        }
    }

    /// [`recv`](Self::recv) for a future written by hand: on `Pending` the task is woken by the next message.
    #[inline(always)]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        if self.consumer.has_next() {
            ready!(poll_turn(cx));
        } else {
            ready!(self.poll_ready(cx));
        }
        // On the way of nearly every message, so that nothing comes between it and the way out.
        if self.consumer.has_more() {
            return Poll::Ready(Some(self.consumer.next_of_more()));
        }
        Poll::Ready(self.next_ready())
    }

    fn next_ready(&mut self) -> Option<Delivery> {
        let delivery = self.consumer.next_ready();
        self.ended |= delivery.is_none();
        if self.consumer.is_drained() {
            self.shared.progress.taken(&self.consumer.mailbox);
        }
        delivery
    }

    /// Ready when there is something at hand, or never again.
    #[inline(never)]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let ready = poll_wanted(&self.shared, &mut self.consumer, cx, |consumer, cx| {
            consumer.make_ready(Some(cx)).map(|ready| ready.then_some(()))
        });
        ready.map(|_| ())
    }

    /// [`recv_many`](Self::recv_many) for a future written by hand: on `Pending` the task is woken by the next
    /// message.
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<Delivery>,
        max: usize,
    ) -> Poll<usize> {
        if max == 0 {
            return Poll::Ready(0);
        }
        let messages = poll_wanted(&self.shared, &mut self.consumer, cx, |consumer, cx| {
            let taken = consumer.take(max, |delivery| buffer.push(delivery), Some(cx));
            taken.map(|messages| (messages > 0).then_some(messages))
        });
        self.note_end(messages).map(|messages| messages.unwrap_or(0))
    }

    /// [`recv_batch`](Self::recv_batch) for a future written by hand: on `Pending` the task is woken by the next message.
    pub fn poll_recv_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Deliveries>> {
        let batch =
            poll_wanted(&self.shared, &mut self.consumer, cx, |consumer, cx| consumer.take_batch(Some(cx)));
        self.note_end(batch)
    }

    fn note_end<T>(&mut self, polled: Poll<Option<T>>) -> Poll<Option<T>> {
        self.ended |= matches!(polled, Poll::Ready(None));
        polled
    }

    /// Why nothing new will come; absent while something may. What is queued still arrives.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.consumer.mailbox.close_reason()
    }

    /// The pattern that it was opened with.
    pub fn pattern(&self) -> &Pattern {
        &self.consumer.mailbox.pattern
    }

    /// How many messages its mailbox has dropped so far; in a queue group, the mailbox of all members.
    pub fn dropped(&self) -> u64 {
        self.consumer.mailbox.counts().dropped
    }
}

/// Takes until there is something to hand out; `None` at the end. What was taken may be nothing: a filter did not want it, or
/// its key could not be said.
#[inline]
fn poll_wanted<C: Borrow<Consumer>, T>(
    shared: &Shared,
    mut consumer: C,
    cx: &mut Context<'_>,
    mut take: impl FnMut(&mut C, &Context<'_>) -> Take<Option<T>>,
) -> Poll<Option<T>> {
    loop {
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let taken = take(&mut consumer, cx);
        if let Take::Empty = taken {
            return Poll::Pending;
        }
        budget.made_progress();
        if consumer.borrow().is_drained() {
            shared.progress.taken(&consumer.borrow().mailbox);
        }
        match taken {
            Take::Taken(None) => {}
            Take::Taken(wanted) => return Poll::Ready(wanted),
            Take::Empty | Take::Closed => return Poll::Ready(None),
        }
    }
}

/// What [`Subscription::recv`] returns.
///
/// By hand and not an `async fn`, so that a delivery is handed on in registers.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Recv<'a>(&'a mut Subscription);

impl Future for Recv<'_> {
    type Output = Option<Delivery>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.get_mut().0.poll_recv(cx)
    }
}

impl Stream for Subscription {
    type Item = Delivery;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.get_mut().poll_recv(cx)
    }
}

impl FusedStream for Subscription {
    fn is_terminated(&self) -> bool {
        self.ended
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
    /// The subscription has [ended](Subscription::close_reason) and everything queued was handed out.
    #[error("the subscription has ended")]
    Closed,
}
