//! A message in a member's hands, until it is answered.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::error::StreamError;
use super::seat::Seat;
use super::store::{Answer, Delivered, Verdict};
use crate::message::Envelope;

/// A message of a stream, to be acknowledged. It derefs to the [`Envelope`], whose `seq` is its place in the stream.
///
/// Dropping it unanswered gives it back, as [`nak`](Self::nak) does: also in a panic, and when its task is cancelled.
#[must_use = "dropping a delivery gives it back"]
pub struct Delivery {
    message: Delivered,
    seat: Arc<Seat>,
    /// Nothing is to be done on drop any more.
    ended: AtomicBool,
}

impl Delivery {
    /// The seat knows that it is in somebody's hands.
    pub(super) fn new(message: Delivered, seat: Arc<Seat>) -> Self {
        Self { message, seat, ended: AtomicBool::new(false) }
    }

    /// How often it has been delivered, this time included, as far as the store knows: a consumer that was killed may have
    /// been handed it once more.
    #[must_use]
    pub fn deliveries(&self) -> u32 {
        self.message.deliveries
    }

    /// When it was published, by the store's clock.
    #[must_use]
    pub fn published_at(&self) -> SystemTime {
        self.message.record.published_at
    }

    /// How many messages retention had taken before this consumer came to them, since its last delivery.
    #[must_use]
    pub fn gap(&self) -> u64 {
        self.message.record.gap
    }

    /// It is done: returns when that is committed, and it does not come again.
    ///
    /// # Errors
    /// Those of the store. It can be acknowledged again, until it is dropped.
    ///
    /// # Cancel safety
    /// Dropped, it is acknowledged or not. It can be called again.
    pub async fn ack(&self) -> Result<(), StreamError> {
        self.conclude(Verdict::Ack).await
    }

    /// It is not done: comes again after the consumer's back-off, or is a dead letter if this was its last delivery.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// That of [`ack`](Self::ack).
    pub async fn nak(&self) -> Result<(), StreamError> {
        self.conclude(Verdict::Nak(None)).await
    }

    /// It is not done: comes again after this long, or is a dead letter if this was its last delivery.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// That of `ack`.
    pub async fn nak_after(&self, delay: Duration) -> Result<(), StreamError> {
        self.conclude(Verdict::Nak(Some(delay))).await
    }

    /// It takes longer: the ack wait begins anew, also of what its consumer has fetched and not handed out.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Dropped, it has begun anew or not.
    pub async fn in_progress(&self) -> Result<(), StreamError> {
        self.seat.answer(vec![self.says(Verdict::InProgress)]).await
    }

    /// It will never succeed: a dead letter at once, for this reason.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// That of `ack`.
    pub async fn term(&self, reason: impl Into<String>) -> Result<(), StreamError> {
        self.conclude(Verdict::Term(reason.into())).await
    }

    async fn conclude(&self, verdict: Verdict) -> Result<(), StreamError> {
        self.seat.answer(vec![self.says(verdict)]).await?;
        self.end();
        Ok(())
    }

    pub(super) fn says(&self, verdict: Verdict) -> Answer {
        Answer { seq: self.seq, deliveries: self.message.deliveries, verdict }
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.seat.ended(self.seq);
    }
}

impl Deref for Delivery {
    type Target = Envelope;

    fn deref(&self) -> &Envelope {
        &self.message.record.message
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if !*self.ended.get_mut() {
            // The answer says that it was handed out, if nothing has said so before.
            self.seat.answer_later(vec![self.says(Verdict::Nak(None))]);
            self.seat.ended(self.seq);
        }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}
