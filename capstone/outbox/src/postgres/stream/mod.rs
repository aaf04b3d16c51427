//! Streams in PostgreSQL: [`StreamStore`] on connections of their own.
//!
//! `log` appends and reads, `group` does the former for many at once and `publish` for an application, `consumer` opens and pulls, `answer` notes answers, `dead` holds what was given up, `info` shows and tidies, `filter` is a
//! pattern as the database matches it, `clock` tells the time, `desk` does what must not end with the caller's future.

mod answer;
mod clock;
mod consumer;
mod dead;
mod desk;
mod filter;
mod group;
mod info;
mod log;
mod publish;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use capstone_bus::Pattern;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};

use super::{Inbox, PostgresStore, commands, settle};
use crate::message::{Message, Seq};
use crate::sealed::Sealed;
use crate::store::{Budget, Changes, Settled, StoreError};
use crate::stream::rules::{TIDY_ROWS, millis_since_1970};
use crate::stream::store::{
    Answer, ConsumerId, ConsumerInfo, DeadLetter, Letters, MemberId, Page, PublishAck, Pulled, Redriven,
    Step, StreamId, StreamInfo, Walk, Word,
};
use crate::stream::{ConsumerConfig, Lifetime, Start, StreamConfig, StreamError, StreamStore};

pub(super) use desk::Desk;
pub use publish::{PublishError, publish, publish_many};

impl PostgresStore {
    /// Gives the streams of this store another clock than the database's, for tests of what waits and expires.
    #[must_use]
    pub fn with_stream_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.desk.clock = Some(Box::new(clock));
        self
    }

    /// Says that something was [published](crate::postgres::publish) to a stream: those who wait for it in this process look at once,
    /// others within 25 ms and a round trip. Without it they find it within a second.
    ///
    /// Call it after the commit, in a Tokio runtime.
    pub fn published(&self) {
        self.bell.streamed();
    }

    fn stream_now(&self) -> Option<i64> {
        self.desk.clock.as_ref().map(|clock| millis_since_1970(clock()))
    }
}

/// Lends a connection, and gives it back when what was asked of it is answered.
macro_rules! asked {
    ($store:expr, |$lent:ident| $operation:expr) => {
        Box::pin(async move {
            #[allow(unused_mut, reason = "only transactions want it")]
            let mut $lent = $store.desk.lend().await?;
            let answer = $store.desk.lender.answered($operation).await?;
            $lent.give_back();
            Ok(answer)
        })
    };
}

impl Sealed for PostgresStore {}

impl StreamStore for PostgresStore {
    fn create(&self, config: StreamConfig) -> BoxFuture<'_, Result<StreamInfo, StoreError>> {
        asked!(self, |lent| info::create(&mut lent, &config))
    }

    fn info(&self, name: String) -> BoxFuture<'_, Result<Option<StreamInfo>, StoreError>> {
        asked!(self, |lent| info::find(&*lent, &name))
    }

    fn streams(&self) -> BoxFuture<'_, Result<Vec<StreamInfo>, StoreError>> {
        asked!(self, |lent| info::list(&lent))
    }

    fn append(
        &self,
        stream: StreamId,
        messages: Vec<Message>,
    ) -> BoxFuture<'_, Result<Option<Vec<PublishAck>>, StoreError>> {
        let now = self.stream_now();
        Box::pin(async move {
            let acks = self.desk.publishers.append(&self.desk.lender, stream, messages, now).await?;
            self.bell.streamed();
            Ok(acks)
        })
    }

    fn settle_into(&self, stream: StreamId, changes: Changes) -> BoxFuture<'_, Result<Settled, StoreError>> {
        let now = self.stream_now();
        let settle: BoxFuture<'_, _> = asked!(self, |lent| async {
            let tx = lent.transaction().await?;
            if !changes.published.is_empty() {
                log::append_from_outbox(&tx, stream, &changes.published, now).await?;
            }
            let settled = settle::within(&tx, &changes).await?;
            tx.commit().await?;
            Ok(settled)
        });
        Box::pin(async move {
            let settled = settle.await?;
            self.bell.streamed();
            Ok(settled)
        })
    }

    fn locate(
        &self,
        stream: StreamId,
        start: Start,
        filter: Option<Pattern>,
    ) -> BoxFuture<'_, Result<Seq, StoreError>> {
        asked!(self, |lent| log::locate(&*lent, stream, start, filter.as_ref()))
    }

    fn read(
        &self,
        stream: StreamId,
        from: Seq,
        filter: Option<Pattern>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Page, StoreError>> {
        asked!(self, |lent| log::read(&*lent, stream, from, filter.as_ref(), budget))
    }

    fn open_consumer(
        &self,
        stream: StreamId,
        config: ConsumerConfig,
    ) -> BoxFuture<'_, Result<ConsumerId, StreamError>> {
        let now = self.stream_now();
        let open: BoxFuture<'_, Result<_, StoreError>> =
            asked!(self, |lent| consumer::open(&mut lent, stream, &config, now));
        Box::pin(async move {
            self.desk.open();
            open.await?
        })
    }

    fn pull(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        word: Word,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Option<Pulled>, StoreError>> {
        Box::pin(self.desk.pull(consumer, member, word, budget, self.stream_now()))
    }

    fn hand_out(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        deliveries: Vec<(Seq, u32)>,
    ) -> BoxFuture<'_, Result<Vec<Seq>, StoreError>> {
        Box::pin(self.desk.hand_out(consumer, member, deliveries, self.stream_now()))
    }

    fn answer(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        answers: Vec<Answer>,
        word: Word,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let now = self.stream_now();
        let answer: BoxFuture<'_, _> =
            asked!(self, |lent| answer::answer(&mut lent, consumer, member, &answers, &word, now));
        Box::pin(async move {
            if answer.await? {
                self.bell.streamed();
            }
            Ok(())
        })
    }

    fn answer_later(&self, consumer: ConsumerId, member: MemberId, answers: Vec<Answer>, word: Word) {
        let (now, lender, bell) = (self.stream_now(), self.desk.lender.clone(), Arc::clone(&self.bell));
        self.desk.later(async move {
            let Ok(mut lent) = lender.lend().await else { return };
            let answered = answer::answer(&mut lent, consumer, member, &answers, &word, now);
            if lender.answered(answered).await.is_ok() {
                lent.give_back();
                bell.streamed();
            }
        });
    }

    fn leave_consumer(&self, consumer: ConsumerId, member: MemberId, in_hand: Vec<Seq>, lifetime: Lifetime) {
        let (now, lender, bell) = (self.stream_now(), self.desk.lender.clone(), Arc::clone(&self.bell));
        let begun = self.desk.begun(member);
        self.desk.later(async move {
            begun.await;
            let Ok(mut lent) = lender.lend().await else { return };
            let left = async {
                match lifetime {
                    Lifetime::Durable => answer::leave(&mut lent, consumer, member, &in_hand, now).await,
                    Lifetime::Ephemeral => consumer::delete(&mut lent, consumer).await.map(drop),
                }
            };
            if lender.answered(left).await.is_ok() {
                lent.give_back();
                bell.streamed();
            }
        });
    }

    fn consumers(&self, stream: StreamId) -> BoxFuture<'_, Result<Vec<ConsumerInfo>, StoreError>> {
        asked!(self, |lent| info::consumers(&lent, stream))
    }

    fn delete_consumer(&self, stream: StreamId, name: String) -> BoxFuture<'_, Result<bool, StoreError>> {
        asked!(self, |lent| consumer::delete_named(&mut lent, stream, &name))
    }

    fn dead_letters(
        &self,
        stream: StreamId,
        consumer: Option<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, StoreError>> {
        asked!(self, |lent| dead::letters(&lent, stream, consumer.as_deref(), limit))
    }

    fn redrive(
        &self,
        stream: StreamId,
        consumer: String,
        letters: Letters,
        walk: Walk,
    ) -> BoxFuture<'_, Result<Option<Step<Redriven>>, StoreError>> {
        let now = self.stream_now();
        let redrive: BoxFuture<'_, _> =
            asked!(self, |lent| dead::redrive(&mut lent, stream, &consumer, (letters, walk), now));
        Box::pin(async move {
            let step = redrive.await?;
            self.bell.streamed();
            Ok(step)
        })
    }

    fn discard(
        &self,
        stream: StreamId,
        consumer: String,
        letters: Letters,
        walk: Walk,
    ) -> BoxFuture<'_, Result<Step<u64>, StoreError>> {
        asked!(self, |lent| dead::discard(&mut lent, stream, &consumer, (letters, walk)))
    }

    fn cut(&self, stream: StreamId, below: Seq) -> BoxFuture<'_, Result<u64, StoreError>> {
        asked!(self, |lent| info::cut(&mut lent, stream, below))
    }

    fn delete(&self, stream: StreamId) -> BoxFuture<'_, Result<bool, StoreError>> {
        let delete: BoxFuture<'_, _> = asked!(self, |lent| info::delete(&mut lent, stream));
        Box::pin(async move {
            let more = delete.await?;
            self.bell.streamed();
            Ok(more)
        })
    }

    fn forget(&self, seen_before: Option<Duration>) -> BoxFuture<'_, Result<bool, StoreError>> {
        asked!(self, |lent| async {
            let limit = u32::from(TIDY_ROWS);
            let seen = match seen_before {
                Some(before) => Inbox::forget(&***lent, before, limit).await?,
                None => 0,
            };
            let answered = commands::forget(&lent, limit).await?;
            Ok(seen.max(answered) == usize::from(TIDY_ROWS))
        })
    }

    fn tidy(&self) -> BoxFuture<'_, Result<bool, StoreError>> {
        let now = self.stream_now();
        asked!(self, |lent| info::tidy(&mut lent, now))
    }

    /// Rung by this store's own commits at once, by those of others with their next `NOTIFY`.
    fn hints(self: Arc<Self>) -> BoxStream<'static, ()> {
        let rung = self.bell.streams();
        stream::unfold((self, rung), async |(store, mut rung)| {
            // The bell lives as long as the store, which this future holds.
            rung.changed().await.ok().map(|()| ((), (store, rung)))
        })
        .boxed()
    }
}
