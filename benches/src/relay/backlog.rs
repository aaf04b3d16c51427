//! [`Backlog`]: what waits in an outbox before a round, and the sink that sees it arrive.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use capstone_outbox::{Attempt, Envelope, Sink, SinkError};
use tokio::sync::Notify;
use tokio::time::sleep;

pub const KEYS: u64 = 1_000;
/// The key in trouble, beside the others.
pub const SLOW: u64 = KEYS;
pub const TOPIC: &str = "orders.created";

/// The number of its key, its place in it, and enough to make a hundred bytes.
const PAYLOAD: usize = 100;

/// More than any backlog: so far apart are the ids of the key in trouble and those of the others.
const ROWS_MAX: u64 = 100_000_000;

/// Rows of a thousand keys, or so many, one of each in turn; in front of them rows of one more key.
#[derive(Clone, Copy)]
pub struct Backlog {
    pub rows: u64,
    pub in_front: u64,
    pub keys: u64,
}

impl Backlog {
    pub const fn of(rows: u64) -> Self {
        Self { rows, in_front: 0, keys: KEYS }
    }

    /// A key each.
    pub const fn of_keys(keys: u64) -> Self {
        Self { rows: keys, in_front: 0, keys }
    }

    /// Inserts them, in the words of either database: `n` counts rows from 0, and `key` and `place` follow from it. Ids
    /// ascend, as those of version 7 do.
    pub fn insert(self, dialect: &Dialect) -> [String; 2] {
        let Dialect { series, id, payload } = dialect;
        let insert = |rows: u64, offset: u64, key: &str, place: &str| {
            let rows = series.replace("{rows}", &rows.to_string());
            let id = id.replace("{n}", &format!("(n + {offset})"));
            format!(
                "WITH RECURSIVE series (n) AS ({rows}), filled AS (SELECT n, {key} AS key, {place} AS place FROM series)
                 INSERT INTO outbox (id, topic, key, payload)
                 SELECT {id}, '{TOPIC}', 'key-' || key, {payload} FROM filled ORDER BY n"
            )
        };
        [
            insert(self.in_front, 0, &SLOW.to_string(), "n"),
            insert(self.rows, ROWS_MAX, &format!("n % {}", self.keys), &format!("n / {}", self.keys)),
        ]
    }
}

/// How a database says it.
pub struct Dialect {
    /// A column `n` from 0 to `{rows}`, exclusive.
    pub series: &'static str,
    /// 16 bytes, from `{n}`.
    pub id: &'static str,
    /// From `key` and `place`: see [`payload`].
    pub payload: &'static str,
}

/// Four digits of the key, eight of the place, then x.
pub fn payload(key: u64, place: u64) -> String {
    format!("{:x<PAYLOAD$}", format!("{key:04}{place:08}"))
}

pub fn key_and_place(payload: &[u8]) -> Option<(u64, u64)> {
    let digits = std::str::from_utf8(payload.get(..12)?).ok()?;
    (payload.len() == PAYLOAD).then_some(())?;
    Some((digits[..4].parse().ok()?, digits[4..].parse().ok()?))
}

/// Takes everything, and counts what is missing, repeated or out of the order of its key.
pub struct Checked {
    next: Vec<AtomicU64>,
    wrong: AtomicU64,
    taken: AtomicU64,
    /// How many of the thousand keys are to come, and who waits for that.
    wanted: u64,
    complete: Notify,
    /// What a publish of the slow key takes.
    slow: Duration,
}

impl Checked {
    pub fn new(backlog: Backlog) -> Self {
        Self {
            next: (0..=KEYS).map(|_| AtomicU64::new(0)).collect(),
            wrong: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            wanted: backlog.rows,
            complete: Notify::new(),
            slow: Duration::from_millis(5),
        }
    }

    /// One more has arrived.
    pub fn take(&self, payload: &[u8]) {
        let Some((key, place)) = key_and_place(payload).filter(|(key, _)| *key <= KEYS) else {
            self.wrong.fetch_add(1, Relaxed);
            return;
        };
        if self.next[key as usize].swap(place + 1, Relaxed) != place {
            self.wrong.fetch_add(1, Relaxed);
        }
        if key < KEYS && self.taken.fetch_add(1, Relaxed) + 1 == self.wanted {
            self.complete.notify_one();
        }
    }

    /// Returns when all of the thousand keys has arrived.
    pub async fn complete(&self) {
        self.complete.notified().await;
    }

    /// Each row of the thousand keys once, and each key in its order.
    pub fn verify(&self) {
        assert_eq!(self.wrong.load(Relaxed), 0, "lost, repeated or out of order");
        assert_eq!(self.taken.load(Relaxed), self.wanted, "each once");
    }
}

/// Takes everything, or what it has refused once.
pub struct Second {
    pub refuses: bool,
}

impl Sink for Second {
    async fn publish(&self, _message: &Envelope, attempt: Attempt) -> Result<(), SinkError> {
        if self.refuses && attempt.number == 1 {
            return Err(SinkError::Retryable("not yet".into()));
        }
        Ok(())
    }
}

/// Refuses everything, for good.
pub struct Refusing;

impl Sink for Refusing {
    async fn publish(&self, _message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        Err(SinkError::Permanent("refused".into()))
    }
}

impl Sink for Checked {
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        if message.payload.starts_with(b"1000") {
            sleep(self.slow).await;
        }
        self.take(&message.payload);
        Ok(())
    }
}
