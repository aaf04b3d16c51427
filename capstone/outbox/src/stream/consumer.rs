//! A member of a consumer: fetches ahead, and hands out one message after the other.
//!
//! Everything it waits for is kept in it, so that dropping a `next` drops nothing.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{BoxStream, StreamExt};
use tokio::time::{Instant, Sleep, sleep};

use super::delivery::Delivery;
use super::error::StreamError;
use super::seat::{Seat, Wait};
use super::store::{Delivered, Pulled, Reserved, Turn, Verdict};
use crate::message::Seq;
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
    fetched: VecDeque<Fetched>,
    /// What the store was asked for, one thing at a time.
    asked: Option<BoxFuture<'static, Result<Told, StoreError>>>,
    /// There may be more in the store.
    hungry: bool,
    hints: BoxStream<'static, ()>,
    wake: Pin<Box<Sleep>>,
    /// Gone before they were delivered, and not told of yet.
    gap: u64,
}

/// A message that was not handed out yet.
struct Fetched {
    /// Its deliveries include the one that is to come.
    message: Delivered,
    charge: Charge,
}

/// When the store counts the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charge {
    /// With the next word.
    After,
    Before,
    Done,
}

enum Told {
    Pulled(Option<Pulled>),
    /// Those that are still this member's, of those that were to be counted.
    Counted {
        ours: Vec<Seq>,
        of: Vec<Seq>,
    },
}

impl Consumer {
    pub(super) fn new(seat: Seat, fetch_ahead: usize) -> Self {
        let hints = Arc::clone(seat.store()).hints();
        Self {
            seat: Arc::new(seat),
            fetch_ahead,
            fetched: VecDeque::new(),
            asked: None,
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
        self.wait_for(1).await
    }

    /// The next message, if there is one now.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    ///
    /// # Cancel safety
    /// That of `next`.
    pub async fn try_next(&mut self) -> Result<Option<Delivery>, StreamError> {
        if self.asked.is_none() {
            self.hungry = true;
        }
        poll_fn(|cx| self.poll_delivery(cx, Patience::Now, 1)).await
    }

    /// Waits for a message, then takes what else it has fetched, at most `max` in all and at most the fetch-ahead. With
    /// [`ack_all`](Self::ack_all), the way to be fast: a commit for each batch.
    ///
    /// # Errors
    /// Those of `next`.
    ///
    /// # Cancel safety
    /// That of `next`.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Delivery>, StreamError> {
        let mut batch = vec![self.wait_for(max).await?];
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

    async fn wait_for(&mut self, wanted: usize) -> Result<Delivery, StreamError> {
        poll_fn(|cx| self.poll_delivery(cx, Patience::Wait, wanted))
            .await
            .map(|found| found.expect("it waits for one"))
    }

    fn poll_delivery(
        &mut self,
        cx: &mut Context<'_>,
        patience: Patience,
        wanted: usize,
    ) -> Poll<Result<Option<Delivery>, StreamError>> {
        loop {
            self.ask(wanted);
            let is_told = self.poll_asked(cx)?.is_ready();
            if let Some(delivery) = self.take() {
                return Poll::Ready(Ok(Some(delivery)));
            }
            if self.asked.is_some() {
                return Poll::Pending;
            }
            if is_told || self.hungry {
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

    /// If nothing is asked for yet: that what is to be handed out next is counted, or else for more when there is room.
    fn ask(&mut self, wanted: usize) {
        if self.asked.is_some() {
            return;
        }
        let room = self.fetch_ahead - self.fetched.len().min(self.fetch_ahead);
        if self.fetched.front().is_some_and(|front| front.charge == Charge::Before) {
            let next = self.fetched.iter().take(wanted).filter(|fetched| fetched.charge == Charge::Before);
            let next: Vec<(Seq, u32)> = next.map(Fetched::delivery).collect();
            let of = next.iter().map(|(seq, _)| *seq).collect();
            let count = self.seat.count(next);
            self.asked = Some(async move { Ok(Told::Counted { ours: count.await?, of }) }.boxed());
        } else if self.hungry && room * 2 >= self.fetch_ahead {
            let renews = !self.fetched.is_empty() && self.seat.wait() != Wait::Fresh;
            let pull = self.seat.pull(super::budget(room), renews);
            self.asked = Some(async move { Ok(Told::Pulled(pull.await?)) }.boxed());
        }
    }

    /// Goes on with what was asked for.
    fn poll_asked(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, StreamError> {
        let Some(asked) = &mut self.asked else { return Ok(Poll::Pending) };
        let Poll::Ready(outcome) = asked.as_mut().poll(cx) else { return Ok(Poll::Pending) };
        self.asked = None;
        match outcome? {
            Told::Pulled(pulled) => self.keep(pulled.ok_or_else(|| self.seat.gone())?),
            Told::Counted { ours, of } => self.counted(&ours, &of),
        }
        Ok(Poll::Ready(()))
    }

    fn keep(&mut self, pulled: Pulled) {
        self.hungry = pulled.more || !pulled.messages.is_empty();
        let pause = pulled.due_in.map_or(POLL, |due| due.clamp(Duration::from_millis(1), POLL));
        self.wake.as_mut().reset(Instant::now() + pause);
        self.gap += pulled.gap;
        if self.fetched.is_empty() {
            self.seat.begin_wait();
        }
        for Reserved { mut record, deliveries, turn } in pulled.messages {
            record.gap += std::mem::take(&mut self.gap);
            let charge = match turn {
                Turn::First => Charge::After,
                Turn::Later => Charge::Before,
            };
            let message = Delivered { record, deliveries: deliveries.saturating_add(1) };
            self.fetched.push_back(Fetched { message, charge });
        }
    }

    /// What is not this member's any more is being delivered to somebody else by now.
    fn counted(&mut self, ours: &[Seq], of: &[Seq]) {
        let mut gap = 0;
        self.fetched.retain_mut(|fetched| {
            let seq = fetched.message.record.message.seq;
            if ours.contains(&seq) {
                fetched.charge = Charge::Done;
            } else if of.contains(&seq) {
                gap += fetched.message.record.gap;
                return false;
            }
            true
        });
        self.gap += gap;
    }

    /// What was fetched, is still ours, and need not be counted before.
    fn take(&mut self) -> Option<Delivery> {
        self.keep_up();
        if self.fetched.front()?.charge == Charge::Before {
            return None;
        }
        let Fetched { message, charge } = self.fetched.pop_front()?;
        let seq = message.record.message.seq;
        match charge {
            Charge::After => self.seat.handed_first(seq),
            Charge::Before | Charge::Done => self.seat.handed(seq),
        }
        Some(Delivery::new(message, Arc::clone(&self.seat)))
    }

    /// Lets the ack wait of what lies here begin anew when half of it is over, and forgets it when all of it is.
    fn keep_up(&mut self) {
        if self.fetched.is_empty() {
            return;
        }
        match self.seat.wait() {
            Wait::Fresh => {}
            Wait::Fading => self.seat.renew(),
            // Nobody asked for so long that it is being delivered to somebody else by now.
            Wait::Over => {
                self.gap += self.fetched.drain(..).map(|fetched| fetched.message.record.gap).sum::<u64>();
                self.hungry = true;
            }
        }
    }
}

impl Fetched {
    /// Which message, and how often it is delivered with this delivery.
    fn delivery(&self) -> (Seq, u32) {
        (self.message.record.message.seq, self.message.deliveries)
    }
}

impl futures::Stream for Consumer {
    type Item = Result<Delivery, StreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_delivery(cx, Patience::Wait, 1).map(Result::transpose)
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
