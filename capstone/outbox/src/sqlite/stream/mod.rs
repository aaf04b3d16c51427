//! Streams in SQLite: [`StreamStore`] on the store's thread.
//!
//! `log` appends and reads, `publish` does the former for an application, `trim` takes away, `mend` what a wrong clock wrote, `consumer` opens and pulls,
//! `answer` notes answers, `dead` holds what was given up, `info` shows and tidies, `clock` tells the time.

mod answer;
mod clock;
mod consumer;
mod dead;
mod info;
mod log;
mod mend;
mod publish;
mod trim;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use capstone_bus::Pattern;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::time::sleep;

use super::{Inbox, LOOK_MAX, LOOK_MIN, SqliteStore, commands, connection, settle};
use crate::message::{Message, Seq};
use crate::sealed::Sealed;
use crate::store::{Budget, Changes, Settled, StoreError};
use crate::stream::rules::{TIDY_ROWS, millis_since_1970};
use crate::stream::store::{
    Answer, ConsumerId, ConsumerInfo, DeadLetter, Letters, MemberId, Page, PublishAck, Pulled, Redriven,
    Step, StreamId, StreamInfo, Walk, Word,
};
use crate::stream::{ConsumerConfig, Lifetime, Start, StreamConfig, StreamError, StreamStore};

use clock::Now;
pub(super) use publish::has_published;
pub use publish::{PublishError, publish, publish_many};

impl SqliteStore {
    /// Gives the streams of this store another clock than the database's, for tests of what waits and expires.
    #[must_use]
    pub fn with_stream_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.stream_clock = Some(Box::new(clock));
        self
    }

    pub(super) fn stream_now(&self) -> Now {
        Now(self.stream_clock.as_ref().map(|clock| millis_since_1970(clock())))
    }

    /// Tells those who wait for a stream.
    pub(super) fn ring(&self) {
        self.stream_bell.send_modify(|rings| *rings = rings.wrapping_add(1));
    }
}

impl Sealed for SqliteStore {}

impl StreamStore for SqliteStore {
    fn create(&self, config: StreamConfig) -> BoxFuture<'_, Result<StreamInfo, StoreError>> {
        Box::pin(self.write(move |tx| info::create(tx, &config)))
    }

    fn info(&self, name: String) -> BoxFuture<'_, Result<Option<StreamInfo>, StoreError>> {
        Box::pin(self.read(move |connection| info::find(connection, &name)))
    }

    fn streams(&self) -> BoxFuture<'_, Result<Vec<StreamInfo>, StoreError>> {
        Box::pin(self.read(|connection| info::list(connection)))
    }

    fn append(
        &self,
        stream: StreamId,
        messages: Vec<Message>,
    ) -> BoxFuture<'_, Result<Option<Vec<PublishAck>>, StoreError>> {
        let now = self.stream_now();
        Box::pin(async move {
            let acks = self.write(move |tx| log::append(tx, stream, &messages, now)).await?;
            self.ring();
            Ok(acks)
        })
    }

    fn settle_into(&self, stream: StreamId, changes: Changes) -> BoxFuture<'_, Result<Settled, StoreError>> {
        let now = self.stream_now();
        Box::pin(async move {
            let settle = self.write(move |tx| {
                log::append_from_outbox(tx, stream, &changes.published, now)?;
                settle::settle(tx, &changes)
            });
            let settled = settle.await?;
            self.ring();
            Ok(settled)
        })
    }

    fn locate(
        &self,
        stream: StreamId,
        start: Start,
        filter: Option<Pattern>,
    ) -> BoxFuture<'_, Result<Seq, StoreError>> {
        Box::pin(self.read(move |connection| log::locate(connection, stream, start, filter.as_ref())))
    }

    fn read(
        &self,
        stream: StreamId,
        from: Seq,
        filter: Option<Pattern>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(SqliteStore::read(self, move |connection| {
            log::read(connection, stream, from, filter.as_ref(), budget)
        }))
    }

    fn open_consumer(
        &self,
        stream: StreamId,
        config: ConsumerConfig,
    ) -> BoxFuture<'_, Result<ConsumerId, StreamError>> {
        let now = self.stream_now();
        Box::pin(async move { self.write(move |tx| consumer::open(tx, stream, &config, now)).await? })
    }

    fn pull(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        word: Word,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Option<Pulled>, StoreError>> {
        let now = self.stream_now();
        Box::pin(self.write(move |tx| consumer::pull(tx, consumer, member, &word, budget, now)))
    }

    fn hand_out(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        deliveries: Vec<(Seq, u32)>,
    ) -> BoxFuture<'_, Result<Vec<Seq>, StoreError>> {
        let now = self.stream_now();
        Box::pin(self.write(move |tx| answer::hand_out(tx, consumer, member, &deliveries, now)))
    }

    fn answer(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        answers: Vec<Answer>,
        word: Word,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let now = self.stream_now();
        Box::pin(async move {
            if self.write(move |tx| answer::answer(tx, consumer, member, &answers, &word, now)).await? {
                self.ring();
            }
            Ok(())
        })
    }

    fn answer_later(&self, consumer: ConsumerId, member: MemberId, answers: Vec<Answer>, word: Word) {
        let (now, bell) = (self.stream_now(), self.stream_bell.clone());
        self.thread.write_later(
            move |tx| answer::answer(tx, consumer, member, &answers, &word, now).map(drop),
            move || bell.send_modify(|rings| *rings = rings.wrapping_add(1)),
        );
    }

    fn leave_consumer(&self, consumer: ConsumerId, member: MemberId, in_hand: Vec<Seq>, lifetime: Lifetime) {
        let (now, bell) = (self.stream_now(), self.stream_bell.clone());
        self.thread.write_later(
            move |tx| match lifetime {
                Lifetime::Durable => answer::leave(tx, consumer, member, &in_hand, now),
                Lifetime::Ephemeral => consumer::delete(tx, consumer),
            },
            move || bell.send_modify(|rings| *rings = rings.wrapping_add(1)),
        );
    }

    fn consumers(&self, stream: StreamId) -> BoxFuture<'_, Result<Vec<ConsumerInfo>, StoreError>> {
        Box::pin(self.read(move |connection| info::consumers(connection, stream)))
    }

    fn delete_consumer(&self, stream: StreamId, name: String) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.write(move |tx| consumer::delete_named(tx, stream, &name)))
    }

    fn dead_letters(
        &self,
        stream: StreamId,
        consumer: Option<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, StoreError>> {
        Box::pin(self.read(move |connection| dead::letters(connection, stream, consumer.as_deref(), limit)))
    }

    fn redrive(
        &self,
        stream: StreamId,
        consumer: String,
        letters: Letters,
        walk: Walk,
    ) -> BoxFuture<'_, Result<Option<Step<Redriven>>, StoreError>> {
        let now = self.stream_now();
        Box::pin(async move {
            let step = self.write(move |tx| dead::redrive(tx, stream, &consumer, letters, walk, now)).await?;
            self.ring();
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
        Box::pin(self.write(move |tx| dead::discard(tx, stream, &consumer, letters, walk)))
    }

    fn cut(&self, stream: StreamId, below: Seq) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.write(move |tx| trim::cut(tx, stream, below)))
    }

    fn delete(&self, stream: StreamId) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let more = self.write(move |tx| info::delete(tx, stream)).await?;
            self.ring();
            Ok(more)
        })
    }

    fn forget(&self, seen_before: Option<Duration>) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.write(move |tx| {
            let limit = u32::from(TIDY_ROWS);
            let seen = seen_before.map_or(Ok(0), |before| Inbox::forget(tx, before, limit))?;
            let answered = commands::forget(tx, limit)?;
            Ok(seen.max(answered) == usize::from(TIDY_ROWS))
        }))
    }

    /// When there is nothing more to do, the write-ahead log gives back what it does not need.
    fn tidy(&self) -> BoxFuture<'_, Result<bool, StoreError>> {
        let now = self.stream_now();
        Box::pin(async move {
            let more = self.write(move |tx| info::tidy(tx, now)).await?;
            if !more {
                connection::shrink_wal(&self.path).await;
            }
            Ok(more)
        })
    }

    /// Rung by this store's own commits; those of other processes move `PRAGMA data_version`.
    fn hints(self: Arc<Self>) -> BoxStream<'static, ()> {
        let rung = self.stream_bell.subscribe();
        stream::unfold((self, rung, None, LOOK_MIN), async |(store, mut rung, seen, mut pause)| {
            loop {
                // Both are cancel safe, and the stream keeps this future between its polls.
                tokio::select! {
                    outcome = rung.changed() => {
                        // The bell lives as long as the store, which this future holds.
                        drop(outcome);
                        return Some(((), (store, rung, seen, LOOK_MIN)));
                    }
                    () = sleep(pause) => {}
                }
                pause = (pause * 2).min(LOOK_MAX);
                let Ok(version) = store.data_version().await else { continue };
                if seen != Some(version) {
                    return Some(((), (store, rung, Some(version), pause)));
                }
            }
        })
        .boxed()
    }
}
