//! What streams ask of a database. A driver implements [`StreamStore`]; everything else here is the same for all.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::future::BoxFuture;
use futures::stream::BoxStream;

use super::config::{ConsumerConfig, Start, StreamConfig};
use super::error::StreamError;
use crate::message::{Envelope, Message, MessageId, Seq};
use crate::sealed::Sealed;
use crate::store::{Budget, Changes, Settled, StoreError};
use capstone_bus::Pattern;

/// A stream in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamId(pub i64);

/// A consumer in its store. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerId(pub i64);

/// One of those who pull for a consumer.
pub type MemberId = MessageId;

/// Where a published message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishAck {
    /// Its place: the first message has 1, and there are no holes.
    pub seq: Seq,
    /// The stream had it already, at `seq`: nothing was written.
    pub is_duplicate: bool,
}

/// A message as the stream holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The message; its `seq` is the place in the stream.
    pub message: Envelope,
    /// When it was published, by the store's clock. Never earlier than the one before; what was published while the clock
    /// was ahead by more than a minute is brought down to when that was noticed.
    pub published_at: SystemTime,
    /// How many messages retention had taken before this reader or consumer came to them, since its last one.
    pub gap: u64,
}

/// A message that a member has fetched. Until it is handed out it counts as no delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The message.
    pub record: Record,
    /// How often it has been handed out, as far as the store was told.
    pub deliveries: u32,
    /// Whether anybody may have had it before.
    pub turn: Turn,
}

/// Whether a message was fetched before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Never: it is handed out at once, and the store is told with the next [`Word`].
    First,
    /// Before, by somebody who may have been killed with it: the store is told
    /// [before](StreamStore::hand_out) it is handed out, so that a message that kills each of its consumers counts.
    Later,
}

/// A message as a consumer gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The message.
    pub record: Record,
    /// How often it has been handed out, this time included.
    pub deliveries: u32,
}

/// What a member says about what it has, whenever it writes anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Handed out for the first time. Saying it again does no harm.
    pub handed: Vec<Seq>,
    /// The ack wait of all that it has not handed out begins anew.
    pub renews: bool,
}

/// What a step of a reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What the filter let pass, in order.
    pub records: Vec<Record>,
    /// Where to go on.
    pub next: Seq,
    /// Messages that were gone, and that no record tells of.
    pub gap: u64,
    /// The budget ended the step: there may be more now.
    pub more: bool,
}

/// What a pull brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Those that were fetched before first, then new ones, each in order.
    pub messages: Vec<Reserved>,
    /// Messages that were gone, and that none of these tells of.
    pub gap: u64,
    /// The budget ended the pull: there may be more now.
    pub more: bool,
    /// How long until the next redelivery is due.
    pub due_in: Option<Duration>,
}

/// What a member says about a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which message.
    pub seq: Seq,
    /// Which delivery of it: an answer to an earlier one postpones nothing and gives nothing back.
    pub deliveries: u32,
    /// What about it.
    pub verdict: Verdict,
}

/// How a delivery ended, or that it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done. True whoever says it, and however late.
    Ack,
    /// Not done: again after this long or, without, after the consumer's back-off; after the last delivery a dead
    /// letter.
    Nak(Option<Duration>),
    /// Still working: the ack wait begins anew.
    InProgress,
    /// Never: a dead letter at once, for this reason.
    Term(String),
}

/// A stream and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamInfo {
    /// Which one it is in its store.
    pub id: StreamId,
    /// How it was created.
    pub config: StreamConfig,
    /// The oldest message that it holds; one more than `last` if it holds none.
    pub first: Seq,
    /// The newest message that it was ever given; 0 if none.
    pub last: Seq,
    /// Bytes of topics, keys, headers and payloads.
    pub bytes: u64,
    /// Consumers that it has.
    pub consumers: u64,
    /// Messages that its consumers have given up.
    pub dead: u64,
}

impl StreamInfo {
    /// How many messages it holds.
    #[must_use]
    pub fn messages(&self) -> u64 {
        u64::try_from(self.last.0 + 1 - self.first.0).unwrap_or(0)
    }
}

/// A consumer and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerInfo {
    /// Its name.
    pub name: String,
    /// Everything up to here is done with.
    pub ack_floor: Seq,
    /// Fetched, whether handed out or not, and not answered.
    pub pending: u64,
    /// Behind its cursor in the stream, whether the filter lets them pass or not.
    pub waiting: u64,
    /// Messages that retention took before this consumer was done with them.
    pub missed: u64,
}

/// A message that a consumer has given up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The consumer.
    pub consumer: String,
    /// The message.
    pub message: Envelope,
    /// How often it was handed out.
    pub deliveries: u32,
    /// Why it was given up.
    pub reason: String,
}

/// Which dead letters of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Letters {
    /// All that it has.
    All,
    /// That of the message at this place.
    At(Seq),
}

/// Where a walk through the dead letters of a stream is; the default is its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Up to this one it has come.
    pub(crate) behind: i64,
    /// The last one when it began: what is given up meanwhile stays.
    pub(crate) upto: Option<i64>,
}

/// A step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<T> {
    /// What it has done.
    pub done: T,
    /// Where the next one begins; `None`: it was the last.
    pub next: Option<Walk>,
}

/// What became of the dead letters that a consumer was to get again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redriven {
    /// Delivered again, with all their deliveries.
    pub again: u64,
    /// Still dead letters: retention has taken their messages from the stream.
    pub gone: u64,
    /// Still dead letters, of an earlier consumer of this name: this one has not come to their messages yet.
    pub ahead: u64,
}

/// Where streams are kept.
///
/// Each method is one transaction, and cancel safe in the sense of [`Store`](crate::Store): a dropped future leaves no
/// open transaction and no half-done write. Whoever is dropped while it writes does not know whether it was written.
/// Times are the store's.
///
/// The stores of this crate implement it, and nobody else can: what it asks for grows with what streams do.
pub trait StreamStore: Sealed + Send + Sync + 'static {
    /// Creates the stream, or gives an existing one this configuration.
    fn create(&self, config: StreamConfig) -> BoxFuture<'_, Result<StreamInfo, StoreError>>;

    /// The stream of this name.
    fn info(&self, name: String) -> BoxFuture<'_, Result<Option<StreamInfo>, StoreError>>;

    /// All streams, by name.
    fn streams(&self) -> BoxFuture<'_, Result<Vec<StreamInfo>, StoreError>>;

    /// Appends what is no duplicate. After it returns, the messages survive a crash; after a crash before, all of
    /// them are there or none. `None`: the stream was deleted.
    fn append(
        &self,
        stream: StreamId,
        messages: Vec<Message>,
    ) -> BoxFuture<'_, Result<Option<Vec<PublishAck>>, StoreError>>;

    /// What [`Store::settle`](crate::Store::settle) does, and in the same transaction appends to the stream what was
    /// published, as far as it is still in the outbox.
    fn settle_into(&self, stream: StreamId, changes: Changes) -> BoxFuture<'_, Result<Settled, StoreError>>;

    /// The place that a start means now.
    fn locate(
        &self,
        stream: StreamId,
        start: Start,
        filter: Option<Pattern>,
    ) -> BoxFuture<'_, Result<Seq, StoreError>>;

    /// Reads from a place on.
    fn read(
        &self,
        stream: StreamId,
        from: Seq,
        filter: Option<Pattern>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Page, StoreError>>;

    /// Creates the consumer. A durable one that exists goes on where it is, with these settings.
    fn open_consumer(
        &self,
        stream: StreamId,
        config: ConsumerConfig,
    ) -> BoxFuture<'_, Result<ConsumerId, StreamError>>;

    /// Reserves what is due and what is new for this member, until its ack wait is over. `None`: the consumer is gone.
    fn pull(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        word: Word,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Option<Pulled>, StoreError>>;

    /// Counts deliveries before they are handed out: which message, and how often it has been delivered then. Those that it
    /// returns are still reserved for this member, and their ack wait begins. Repeating it does no harm.
    fn hand_out(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        deliveries: Vec<(Seq, u32)>,
    ) -> BoxFuture<'_, Result<Vec<Seq>, StoreError>>;

    /// Notes answers. Those to what is not pending any more change nothing.
    fn answer(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        answers: Vec<Answer>,
        word: Word,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Like [`answer`](Self::answer), for a drop, which cannot wait. If the store has no place for it, it is not done:
    /// then the ack wait does the same, only later.
    fn answer_later(&self, consumer: ConsumerId, member: MemberId, answers: Vec<Answer>, word: Word);

    /// Gives back, uncounted, what a member fetched and does not have in its hands, and counts what it has: for a drop. Comes
    /// behind what was begun before.
    fn leave_consumer(
        &self,
        consumer: ConsumerId,
        member: MemberId,
        in_hand: Vec<Seq>,
        lifetime: super::Lifetime,
    );

    /// The consumers of a stream, by name.
    fn consumers(&self, stream: StreamId) -> BoxFuture<'_, Result<Vec<ConsumerInfo>, StoreError>>;

    /// Forgets a consumer and what it has pending. `false`: there was none.
    fn delete_consumer(&self, stream: StreamId, name: String) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// What this consumer, or every one of the stream, gave up, the oldest first, at most `limit`.
    fn dead_letters(
        &self,
        stream: StreamId,
        consumer: Option<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, StoreError>>;

    /// Makes a few dead letters of a consumer pending again, as if they had not been delivered yet. `None`: there is no such
    /// consumer.
    fn redrive(
        &self,
        stream: StreamId,
        consumer: String,
        letters: Letters,
        walk: Walk,
    ) -> BoxFuture<'_, Result<Option<Step<Redriven>>, StoreError>>;

    /// Deletes a few dead letters of a consumer, which may have been forgotten. Says how many.
    fn discard(
        &self,
        stream: StreamId,
        consumer: String,
        letters: Letters,
        walk: Walk,
    ) -> BoxFuture<'_, Result<Step<u64>, StoreError>>;

    /// Takes away a few messages below this place, from the front, whatever the stream keeps. How many; 0: none is left.
    fn cut(&self, stream: StreamId, below: Seq) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// One small step of deleting the stream with its consumers and dead letters. `true`: there is more to do. Its id is never
    /// used again.
    fn delete(&self, stream: StreamId) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// One small step of forgetting what inboxes of this database have seen longer ago than this (`None`: nothing of that), and
    /// answers to operators that are older than a day. `true`: there is more to do.
    fn forget(&self, seen_before: Option<Duration>) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// One small step of retention, over all streams. `true`: there is more to do.
    fn tidy(&self) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Hints that there may be something new, from this process or another one. Never ends.
    fn hints(self: Arc<Self>) -> BoxStream<'static, ()>;
}
