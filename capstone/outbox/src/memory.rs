//! A store in memory, for tests of whatever uses a relay: on a paused clock, without a file.
//!
//! It forgets everything when it is dropped, so it is no outbox.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::message::{Envelope, Ident, Message, Seq};
use crate::store::{
    Budget, Change, Changes, Epoch, Fetched, Held, Hold, Lease, Owner, Settled, Store, StoreError,
};

/// Keeps messages in memory, with the semantics of a real store.
#[derive(Default)]
pub struct MemoryStore {
    // Short sections without await, so a lock of the standard library is the right one.
    tables: Mutex<Tables>,
    committed: Notify,
}

#[derive(Default)]
struct Tables {
    last: i64,
    rows: BTreeMap<Seq, Row>,
    trouble: BTreeMap<Ident, Trouble>,
    dead: Vec<DeadLetter>,
    owner: Option<(Owner, Instant)>,
    epoch: i64,
}

struct Row {
    envelope: Envelope,
    is_held: bool,
}

struct Trouble {
    head: Seq,
    attempts: u32,
    retry_at: Option<Instant>,
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message.
    pub envelope: Envelope,
    /// Attempts that were made.
    pub attempts: u32,
    /// The sink's last words.
    pub error: String,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Commits messages, in this order, as one transaction.
    pub fn enqueue(&self, messages: impl IntoIterator<Item = Message>) {
        let mut tables = self.tables();
        for message in messages {
            tables.last += 1;
            let seq = Seq(tables.last);
            let envelope = Envelope {
                seq,
                id: message.id,
                topic: message.topic.to_string(),
                key: message.key.map(Into::into),
                headers_json: serde_json::to_string(&message.headers).expect("a map of strings is JSON"),
                payload: message.payload,
            };
            tables.rows.insert(seq, Row { envelope, is_held: false });
        }
        drop(tables);
        self.committed.notify_one();
    }

    /// Rows that are not published yet, held ones among them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.tables().rows.len()
    }

    /// What was given up, in that order.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.tables().dead.clone()
    }

    /// Takes the lane away, as another relay would after the lease has expired.
    pub fn usurp(&self) {
        let mut tables = self.tables();
        tables.owner = None;
        tables.epoch += 1;
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().expect("nothing panics while it is held")
    }
}

impl Tables {
    fn is_held_by(&self, lease: &Lease) -> bool {
        self.epoch == lease.epoch.0 && self.owner.as_ref().is_some_and(|(owner, _)| *owner == lease.owner)
    }

    fn take(&self, after: Seq, budget: Budget, wanted: impl Fn(&Row) -> bool) -> Fetched {
        let mut fetched = Fetched::default();
        let mut bytes = 0;
        for row in self.rows.range(Seq(after.0 + 1)..).map(|(_, row)| row).filter(|row| wanted(row)) {
            bytes += row.envelope.weight();
            let is_oversized = bytes > budget.bytes && !(fetched.rows.is_empty() && budget.oversized_first);
            if is_oversized || fetched.rows.len() == budget.rows {
                fetched.more = true;
                break;
            }
            fetched.rows.push(row.envelope.clone());
        }
        fetched
    }

    fn set_held(&mut self, rows: &[Seq]) {
        for seq in rows {
            if let Some(row) = self.rows.get_mut(seq) {
                row.is_held = true;
            }
        }
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Hold { held, rows, .. } => {
                let retry_at = match held.hold {
                    Hold::RetryIn(delay) => Some(Instant::now() + delay),
                    Hold::Parked => None,
                };
                let trouble = Trouble { head: held.head, attempts: held.attempts, retry_at };
                self.trouble.insert(held.ident.clone(), trouble);
                self.set_held(rows);
            }
            Change::Follow(rows) => self.set_held(rows),
            Change::Free(ident) => drop(self.trouble.remove(ident)),
            Change::Bury { row, attempts, error } => {
                if let Some(Row { envelope, .. }) = self.rows.remove(row) {
                    self.dead.push(DeadLetter { envelope, attempts: *attempts, error: error.clone() });
                }
            }
        }
    }
}

impl Store for MemoryStore {
    async fn acquire(&self, owner: &Owner, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        if tables.owner.as_ref().is_some_and(|(_, expires)| *expires > now) {
            return Ok(None);
        }
        tables.epoch += 1;
        tables.owner = Some((owner.clone(), now + ttl));
        Ok(Some(Lease { owner: owner.clone(), epoch: Epoch(tables.epoch) }))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let is_ours = tables.is_held_by(lease);
        if is_ours {
            tables.owner = Some((lease.owner.clone(), Instant::now() + ttl));
        }
        Ok(is_ours)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut tables = self.tables();
        if tables.is_held_by(lease) {
            tables.owner = None;
        }
        Ok(())
    }

    async fn held(&self) -> Result<Vec<Held>, StoreError> {
        let now = Instant::now();
        let held = |(ident, trouble): (&Ident, &Trouble)| Held {
            ident: ident.clone(),
            head: trouble.head,
            attempts: trouble.attempts,
            hold: trouble.retry_at.map_or(Hold::Parked, |at| Hold::RetryIn(at.duration_since(now))),
        };
        Ok(self.tables().trouble.iter().map(held).collect())
    }

    async fn fetch(&self, after: Seq, budget: Budget) -> Result<Fetched, StoreError> {
        Ok(self.tables().take(after, budget, |row| !row.is_held))
    }

    async fn fetch_held(&self, ident: &Ident, after: Seq, budget: Budget) -> Result<Fetched, StoreError> {
        Ok(self.tables().take(after, budget, |row| row.is_held && row.envelope.ident() == *ident))
    }

    async fn settle(&self, lease: &Lease, changes: &Changes) -> Result<Settled, StoreError> {
        let mut tables = self.tables();
        for seq in &changes.published {
            tables.rows.remove(seq);
        }
        if changes.fenced.is_empty() {
            return Ok(Settled::All);
        }
        if !tables.is_held_by(lease) {
            return Ok(Settled::Fenced);
        }
        changes.fenced.iter().for_each(|change| tables.apply(change));
        Ok(Settled::All)
    }

    async fn changed(&self) {
        self.committed.notified().await;
    }
}
