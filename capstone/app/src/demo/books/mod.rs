//! What the shop and its durable subscribers keep in their own tables: whoever is killed goes on from there.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::bail;
use capstone_outbox::{Message, MessageId, Seq};

#[cfg(feature = "postgres")]
pub(super) use postgres::PostgresBooks;
pub(super) use sqlite::SqliteBooks;

use crate::ledger::{Committed, Delivered, Outcome};

/// Names the header with the time of the insert.
pub(super) const SENT_US: &str = "sent-us";

/// Microseconds since 1970: whoever receives it may be another run of the program.
#[expect(clippy::disallowed_methods, reason = "shown to a person, and decides nothing")]
pub(super) fn now_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

/// Tables of the application, in the database of the outbox.
pub(super) trait Books: Send + Sync + 'static {
    /// Creates the tables where they are missing.
    fn open(&self) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Ends one transaction with an order and its message, in the way that the sale says.
    fn sell(&self, sale: Sale) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Writes down in one transaction what a subscriber has received. Returns what it had received before.
    fn receive(
        &self,
        receipts: Vec<Receipt>,
        memory: Memory,
    ) -> impl Future<Output = anyhow::Result<Vec<Delivered>>> + Send;

    /// All orders that were ever committed, those of a key in their order.
    fn orders(&self) -> impl Future<Output = anyhow::Result<Vec<Committed>>> + Send;

    /// All receipts, those of a subscriber in the order in which it got them.
    fn receipts(&self) -> impl Future<Output = anyhow::Result<Vec<Delivered>>> + Send;

    /// The last message of the stream that this subscriber has a receipt for.
    fn place(&self, subscriber: &'static str) -> impl Future<Output = anyhow::Result<Option<Seq>>> + Send;
}

/// Whose a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nothing is in it, or only empty tables of an outbox.
    Nobody,
    /// A demonstration.
    Demonstration,
    /// Somebody else.
    Other,
}

impl Owner {
    /// By its tables; a demonstration makes both of its own before it uses the outbox.
    fn of(orders: bool, receipts: bool, outbox_is_used: bool) -> Self {
        match (orders, receipts) {
            (true, true) => Self::Demonstration,
            (false, false) if !outbox_is_used => Self::Nobody,
            _ => Self::Other,
        }
    }

    /// Refuses all but a fresh database, or one to go on in.
    pub(super) fn check(self, resume: bool, database: impl fmt::Display) -> anyhow::Result<()> {
        match self {
            Self::Nobody => Ok(()),
            Self::Demonstration if resume => Ok(()),
            Self::Demonstration => {
                bail!("{database}: holds a demonstration already: --resume goes on with it")
            }
            Self::Other => bail!("{database}: is in use; the demonstration wants a fresh database"),
        }
    }
}

/// An order as it is written, and what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Sale {
    pub(super) record: Committed,
    pub(super) cents: u32,
    pub(super) message: Message,
}

impl Sale {
    fn is_refused(&self) -> bool {
        self.record.outcome == Outcome::RolledBack
    }

    /// The message, which says when it is written.
    fn stamped(&self) -> Message {
        self.message.clone().with_header(SENT_US, now_us().to_string())
    }

    fn key(&self) -> &str {
        self.record.key.as_deref().unwrap_or_default()
    }
}

/// What a subscriber writes down about a message.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub(super) id: MessageId,
    pub(super) place: Seq,
    pub(super) record: Delivered,
}

/// How a subscriber knows what it has received already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// It reads on from its last receipt.
    Place,
    /// It asks its inbox.
    Inbox,
}

fn committed(id: String, key: String, number: i64, crc32: i64) -> anyhow::Result<Committed> {
    let (seq, crc32) = (u64::try_from(number)?, u32::try_from(crc32)?);
    Ok(Committed { id, key: Some(key), seq, crc32, outcome: Outcome::Committed })
}

fn delivered(
    subscriber: String,
    id: String,
    key: Option<String>,
    number: i64,
    crc32: i64,
) -> anyhow::Result<Delivered> {
    Ok(Delivered { subscriber, id, key, seq: u64::try_from(number)?, crc32: u32::try_from(crc32)? })
}
