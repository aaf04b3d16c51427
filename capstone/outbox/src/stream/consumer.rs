//! A member of a consumer: pulls ahead, and hands out one message after the other.
//!
//! Everything it waits for is kept in it, so that dropping a `next` drops nothing.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt};
use tokio::time::{Instant, Sleep, sleep};

use super::config::Lifetime;
use super::delivery::Delivery;
use super::error::StreamError;
use super::store::{Answer, ConsumerId, Delivered, MemberId, Pulled, StreamStore, Verdict};
use crate::message::{MessageId, Seq};
use crate::store::StoreError;

/// How often it looks although nothing hints at news.
const POLL: Duration = Duration::from_secs(1);

/// Takes messages of a stream, each until it is acknowledged.
///
/// Dropping it gives back at once, uncounted, what it took and has not handed out; a [`Delivery`] that is still in
/// somebody's hands can be answered as before. An ephemeral consumer is forgotten then.
///
/// It is also a [`futures::Stream`] that never ends.
#[must_use]
pub struct Consumer {
    seat: Arc<Seat>,
    fetch_ahead: usize,
    taken: VecDeque<Taken>,
    pulling: Option<BoxFuture<'static, Result<Option<Pulled>, StoreError>>>,
    /// There may be more in the store.
    hungry: bool,
    hints: BoxStream<'static, ()>,
    wake: Pin<Box<Sleep>>,
    /// Gone before they were delivered, and not told of yet.
    gap: u64,
}

struct Taken {
    message: Delivered,
    /// When its ack wait began.
    since: Instant,
}

impl Consumer {
    pub(super) fn new(seat: Seat, fetch_ahead: usize) -> Self {
        let hints = Arc::clone(&seat.store).hints();
        Self {
            seat: Arc::new(seat),
            fetch_ahead,
            taken: VecDeque::new(),
            pulling: None,
            hungry: true,
            hints,
            wake: Box::pin(sleep(POLL)),
            gap: 0,
        }
    }

    /// The next message, as soon as there is one.
    ///
    /// # Errors
    /// [`StreamError::NoConsumer`], and those of the store. The next call tries again.
    ///
    /// # Cancel safety
    /// A message is taken out only in the poll that returns it. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Delivery, StreamError> {
        poll_fn(|cx| self.poll_delivery(cx, Patience::Wait))
            .await
            .map(|found| found.expect("it waits for one"))
    }

    /// The next message, if there is one now.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    ///
    /// # Cancel safety
    /// That of `next`.
    pub async fn try_next(&mut self) -> Result<Option<Delivery>, StreamError> {
        if self.pulling.is_none() {
            self.hungry = true;
        }
        poll_fn(|cx| self.poll_delivery(cx, Patience::Now)).await
    }

    /// Waits for a message, then takes what else it has pulled, at most `max` in all and at most the fetch-ahead. With
    /// [`ack_all`](Self::ack_all), the way to be fast: a commit for each batch.
    ///
    /// # Errors
    /// Those of `next`.
    ///
    /// # Cancel safety
    /// That of `next`.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Delivery>, StreamError> {
        let mut batch = vec![self.next().await?];
        while batch.len() < max
            && let Some(delivery) = self.take()
        {
            batch.push(delivery);
        }
        Ok(batch)
    }

    /// Acknowledges deliveries of this consumer in one transaction.
    ///
    /// # Errors
    /// Those of the store. They can be acknowledged again.
    ///
    /// # Cancel safety
    /// Dropped, all of them are acknowledged or none, and may be acknowledged again.
    pub async fn ack_all(&mut self, deliveries: &[Delivery]) -> Result<(), StreamError> {
        let answers = deliveries.iter().map(|delivery| delivery.says(Verdict::Ack)).collect();
        self.seat.answer(answers).await?;
        deliveries.iter().for_each(Delivery::end);
        Ok(())
    }

    fn poll_delivery(
        &mut self,
        cx: &mut Context<'_>,
        patience: Patience,
    ) -> Poll<Result<Option<Delivery>, StreamError>> {
        loop {
            self.poll_pull(cx)?;
            if let Some(delivery) = self.take() {
                return Poll::Ready(Ok(Some(delivery)));
            }
            if self.pulling.is_some() {
                return Poll::Pending;
            }
            if self.hungry {
                continue;
            }
            if patience == Patience::Now {
                return Poll::Ready(Ok(None));
            }
            let is_hinted = self.hints.poll_next_unpin(cx).is_ready();
            if !is_hinted && self.wake.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.hungry = true;
        }
    }

    /// Goes on with the pull that is under way, or begins one when there is room.
    fn poll_pull(&mut self, cx: &mut Context<'_>) -> Result<(), StreamError> {
        let room = self.fetch_ahead - self.taken.len().min(self.fetch_ahead);
        if self.pulling.is_none() && self.hungry && room * 2 >= self.fetch_ahead {
            let (store, id, member) = (Arc::clone(&self.seat.store), self.seat.consumer, self.seat.member);
            self.pulling = Some(Box::pin(async move { store.pull(id, member, super::budget(room)).await }));
        }
        let Some(pulling) = &mut self.pulling else { return Ok(()) };
        let Poll::Ready(outcome) = pulling.as_mut().poll(cx) else { return Ok(()) };
        self.pulling = None;
        let Some(pulled) = outcome? else {
            return Err(StreamError::NoConsumer { name: self.seat.name.clone() });
        };
        self.hungry = pulled.more || !pulled.messages.is_empty();
        let pause = pulled.due_in.map_or(POLL, |due| due.clamp(Duration::from_millis(1), POLL));
        self.wake.as_mut().reset(Instant::now() + pause);
        self.gap += pulled.gap;
        let since = Instant::now();
        for mut message in pulled.messages {
            message.record.gap += std::mem::take(&mut self.gap);
            self.taken.push_back(Taken { message, since });
        }
        Ok(())
    }

    /// What was pulled and is still ours.
    fn take(&mut self) -> Option<Delivery> {
        self.keep_up();
        loop {
            let Taken { message, since } = self.taken.pop_front()?;
            if since.elapsed() < self.seat.ack_wait {
                return Some(Delivery::new(message, Arc::clone(&self.seat)));
            }
            // Nobody asked for so long that it is being delivered to somebody else by now.
            self.gap += message.record.gap;
            self.hungry = true;
        }
    }

    /// Lets the ack wait of what lies here begin anew when half of it is over.
    fn keep_up(&mut self) {
        let (half, now) = (self.seat.ack_wait / 2, Instant::now());
        if self.taken.front().is_none_or(|oldest| now.duration_since(oldest.since) < half) {
            return;
        }
        let mut answers = Vec::new();
        for taken in &mut self.taken {
            if (half..self.seat.ack_wait).contains(&now.duration_since(taken.since)) {
                let Delivered { record, deliveries } = &taken.message;
                let (seq, deliveries) = (record.message.seq, *deliveries);
                answers.push(Answer { seq, deliveries, verdict: Verdict::InProgress });
                taken.since = now;
            }
        }
        self.seat.answer_later(answers);
    }
}

impl futures::Stream for Consumer {
    type Item = Result<Delivery, StreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_delivery(cx, Patience::Wait).map(Result::transpose)
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.seat.leave();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    Wait,
    Now,
}

/// A member's place at its consumer, shared with the deliveries that it has handed out.
pub(super) struct Seat {
    store: Arc<dyn StreamStore>,
    consumer: ConsumerId,
    member: MemberId,
    name: String,
    lifetime: Lifetime,
    ack_wait: Duration,
    /// Handed out and not answered. A short section without await.
    in_hand: Mutex<BTreeSet<Seq>>,
}

impl Seat {
    pub(super) fn new(
        store: Arc<dyn StreamStore>,
        consumer: ConsumerId,
        name: String,
        lifetime: Lifetime,
        ack_wait: Duration,
    ) -> Self {
        let (member, in_hand) = (MessageId::generate(), Mutex::default());
        Self { store, consumer, member, name, lifetime, ack_wait, in_hand }
    }

    pub(super) async fn answer(&self, answers: Vec<Answer>) -> Result<(), StreamError> {
        Ok(self.store.answer(self.consumer, self.member, answers).await?)
    }

    pub(super) fn answer_later(&self, answers: Vec<Answer>) {
        if !answers.is_empty() {
            self.store.answer_later(self.consumer, self.member, answers);
        }
    }

    pub(super) fn in_hand(&self) -> MutexGuard<'_, BTreeSet<Seq>> {
        self.in_hand.lock().expect("nothing panics while it is held")
    }

    fn leave(&self) {
        let in_hand = self.in_hand().iter().copied().collect();
        self.store.leave_consumer(self.consumer, self.member, in_hand, self.lifetime);
    }
}
