//! What an operator asks of a store: look at what was given up and at keys in trouble, decide about them, pause.
//!
//! Dead letters belong to no relay, so they are moved at once. A key in trouble belongs to the relay that holds its lane: a
//! [`Command`] is recorded, that relay executes it, fenced by its lease and in one transaction with its [`Answer`]. Nobody
//! else does, also while no relay runs: then the command waits for one.

use std::fmt;
use std::future::Future;

use crate::error::StoreError;
use crate::lane::Lane;
use crate::message::{Envelope, Ident, MessageId, Seq};
use crate::sealed::Sealed;

/// What an operator can do. Our stores do it, and nobody else can: it may grow with each version.
///
/// Every method is cancel safe as those of [`Store`](crate::Store) are: a dropped future leaves no open transaction and
/// no half-done write.
pub trait Operations: Sealed + Send + Sync {
    /// Dead letters by their numbers, one page of them: at most `page.limit`, and about 16 MiB. An empty one is the end.
    fn dead_letters(
        &self,
        filter: &Filter,
        page: Page,
    ) -> impl Future<Output = Result<Vec<DeadLetter>, StoreError>> + Send;

    /// Appends the dead letters to the outbox, with new numbers, their ids, and all their attempts. After it returns, each
    /// of them is either a row of the outbox or a dead letter; after a crash before, too, and repeating it does the
    /// rest. What becomes a dead letter meanwhile stays one.
    ///
    /// It goes in steps, each a transaction of its own, so that no other writer waits for all of them.
    fn requeue(&self, filter: &Filter) -> impl Future<Output = Result<Requeued, StoreError>> + Send {
        self.requeue_telling(filter, &|_| ())
    }

    /// Like [`requeue`](Self::requeue); `told` is called after each step with the count so far.
    fn requeue_telling(
        &self,
        filter: &Filter,
        told: &(dyn Fn(u64) + Sync),
    ) -> impl Future<Output = Result<Requeued, StoreError>> + Send;

    /// Deletes the dead letters for ever, and says how many there were. What becomes one meanwhile stays. In steps as
    /// [`requeue`](Self::requeue): after a crash before it returns some are gone, and repeating it does the rest.
    fn discard(&self, filter: &Filter) -> impl Future<Output = Result<u64, StoreError>> + Send {
        self.discard_telling(filter, &|_| ())
    }

    /// Like [`discard`](Self::discard); `told` is called after each step with the count so far.
    fn discard_telling(
        &self,
        filter: &Filter,
        told: &(dyn Fn(u64) + Sync),
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Keys in trouble, in the order of their names, behind `behind`.
    fn troubled(
        &self,
        behind: Option<&Ident>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Troubled>, StoreError>> + Send;

    /// Records a command for the relay that holds the key's lane, now or next. `by` is for those who read it.
    fn command(
        &self,
        ident: &Ident,
        verb: Verb,
        by: &str,
    ) -> impl Future<Output = Result<Recorded, StoreError>> + Send;

    /// What became of a command; `None` while it waits. Answers are kept for a day.
    fn answer(&self, command: CommandId) -> impl Future<Output = Result<Option<Answer>, StoreError>> + Send;

    /// From its next renewal on no relay starts a publish. Whoever paused it first stays the one who did.
    fn pause(&self, by: &str) -> impl Future<Output = Result<Pause, StoreError>> + Send;

    /// Relays go on from their next renewal on. The pause that ended, if there was one.
    fn resume(&self) -> impl Future<Output = Result<Option<Pause>, StoreError>> + Send;
}

/// Which dead letters: all, less those that differ in a field that is given. Begin with [`ALL`](Self::ALL), the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// This message.
    pub id: Option<MessageId>,
    /// Those of this topic, to the letter.
    pub topic: Option<String>,
    /// Those of this key.
    pub key: Option<String>,
}

impl Filter {
    /// Every one.
    pub const ALL: Self = Self { id: None, topic: None, key: None };

    /// Of these only that of this message.
    #[must_use]
    pub fn id(mut self, id: MessageId) -> Self {
        self.id = Some(id);
        self
    }

    /// Of these only those of this topic.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Of these only those of this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// Which end it begins at.
    pub sort: Sort,
    /// Go on behind this one, in that direction.
    pub behind: Option<Seq>,
    /// At most so many.
    pub limit: usize,
}

impl Page {
    /// The first one, of at most so many.
    #[must_use]
    pub const fn first(sort: Sort, limit: usize) -> Self {
        Self { sort, behind: None, limit }
    }

    /// The one that goes on behind this.
    #[must_use]
    pub const fn behind(mut self, last: Seq) -> Self {
        self.behind = Some(last);
        self
    }
}

/// Whether high numbers come first or low ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// High ones.
    Newest,
    /// Low ones.
    Oldest,
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The message.
    pub envelope: Envelope,
    /// Attempts that were made.
    pub attempts: u32,
    /// The sink's last words.
    pub error: String,
    /// Time since it was enqueued, or requeued, by the store's clock.
    pub age_ms: u64,
    /// Time since it was given up.
    pub dead_for_ms: u64,
}

/// What became of dead letters that were to be sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requeued {
    /// So many wait for the relay again.
    pub count: u64,
    /// Messages with these ids wait already, so their dead letters stayed; at most 100 are named.
    pub pending: Vec<MessageId>,
}

/// A key (or a row without one) in trouble, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Troubled {
    /// What is held.
    pub ident: Ident,
    /// When it is tried again, seen from now; `None`: parked, it waits for an operator.
    pub retry_in_ms: Option<u64>,
    /// Attempts that have been counted for the head.
    pub attempts: u32,
    /// The row that failed.
    pub head: Seq,
    /// Rows that are held with it; counted up to [`HELD_MAX`].
    pub held: u64,
    /// The sink's last words.
    pub error: String,
    /// Time since the trouble began.
    pub since_ms: u64,
    /// A command for it that waits.
    pub command: Option<Verb>,
}

/// As far as the rows of a key in trouble are counted.
pub const HELD_MAX: u64 = 1_000;

/// What a relay does to a key in trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The head is tried at once, and has all its attempts again.
    Retry,
    /// The head becomes a dead letter, and the key goes on behind it.
    Skip,
    /// The head is deleted, and the key goes on behind it.
    Discard,
    /// All rows that the key has when the command is recorded are deleted.
    Clear,
}

impl Verb {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Discard => "discard",
            Self::Clear => "clear",
        }
    }

    /// Reads back what [`as_str`](Self::as_str) gave. The table takes nothing else.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn stored(text: &str) -> Self {
        let all = [Self::Retry, Self::Skip, Self::Discard, Self::Clear];
        all.into_iter().find(|verb| verb.as_str() == text).unwrap_or(Self::Retry)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names a command. Grows, and is never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub i64);

/// A command as the relay gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Which one.
    pub id: CommandId,
    /// Where the key is.
    pub lane: Lane,
    /// What it is about.
    pub ident: Ident,
    /// What to do.
    pub verb: Verb,
    /// The head when it was recorded. With another one it is refused: nobody skips a message that he has not seen.
    pub head: Seq,
    /// Up to which row a [`Clear`](Verb::Clear) deletes.
    pub upto: Seq,
    /// The sink's last words when it was recorded.
    pub error: String,
}

impl Command {
    pub(crate) fn not_in_trouble(&self) -> Answer {
        Answer::Refused(format!("{} is not in trouble any more", self.ident))
    }

    pub(crate) fn not_the_head(&self) -> Answer {
        Answer::Refused(format!("row {} is not the head of {} any more", self.head, self.ident))
    }
}

/// Whether a command was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It waits; so did one that said the same.
    Waits(CommandId),
    /// The key is not in trouble.
    NoTrouble,
    /// Another one for the key waits, and a key has one at a time.
    Behind(Verb),
}

/// What a relay made of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It could not be done: why.
    Refused(String),
}

/// Nothing is published until somebody resumes.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Pause {
    /// Who wanted it.
    pub by: String,
    /// For how long it has been so.
    pub for_ms: u64,
}

/// Bytes of one page of dead letters, near enough; the first one comes in any case.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Dead letters that one step looks at, at most: those that a filter passes over cost time, too.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const LOOKED_MAX: usize = 10_000;

/// Ids that [`Requeued`] names.
pub(crate) const PENDING_MAX: usize = 100;

/// Commands that a relay is told at once; the others follow as these are answered.
pub(crate) const COMMANDS_MAX: u32 = 1_000;
