//! A store in memory, for tests of whatever uses a relay: on a paused clock, without a file.
//!
//! It forgets everything when it is dropped, so it is no outbox.

mod changes;
mod due;
mod legacy;
mod look;
mod operations;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::message::{Envelope, Ident, Message, RowId, Seq};
use crate::store::{
    Budget, Changes, Due, DueLook, Epoch, Fetched, Lane, Lease, Legacy, Look, Owner, Renewed, Settled, Store,
    StoreError,
};
use operations::Asked;

/// Keeps messages in memory, with the semantics of a real store.
pub struct MemoryStore {
    lanes: u16,
    commits_late: bool,
    // Short sections without await, so a lock of the standard library is the right one.
    tables: Mutex<Tables>,
    committed: Notify,
}

#[derive(Default)]
struct Tables {
    last: i64,
    rows: BTreeMap<Seq, Row>,
    trouble: BTreeMap<Ident, Trouble>,
    /// Starts without an outcome.
    started: BTreeMap<RowId, u32>,
    dead: Vec<Dead>,
    /// By number.
    lanes: Vec<Ownership>,
    /// Until when each relay counts as alive.
    alive: BTreeMap<String, Instant>,
    /// Operators' commands, by number from 1 on.
    commands: Vec<Asked>,
    /// Who paused, and when.
    paused: Option<(String, Instant)>,
}

#[derive(Clone, Default)]
struct Ownership {
    owner: Option<(Owner, Instant)>,
    epoch: i64,
    /// The owner before did not give it back.
    is_abandoned: bool,
}

/// Messages that have their place and are not committed: see [`MemoryStore::reserve`]. Dropped, they are rolled back.
#[must_use = "nothing is committed yet"]
pub struct Reserved(pub(crate) Vec<Envelope>);

struct Row {
    envelope: Envelope,
    is_held: bool,
    since: Instant,
}

struct Dead {
    row: Row,
    attempts: u32,
    error: String,
    since: Instant,
}

struct Trouble {
    lane: Lane,
    head: RowId,
    attempts: u32,
    retry_at: Option<Instant>,
    error: String,
    since: Instant,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store with one lane, whose rows commit in the order of their numbers: as SQLite's do.
    #[must_use]
    pub fn new() -> Self {
        Self::make(1, false)
    }

    /// An empty store with several lanes, whose rows may commit late: as PostgreSQL's do. A row's lane is a hash of
    /// its key, or of its number when it has none.
    ///
    /// # Panics
    /// There must be a lane.
    #[must_use]
    pub fn with_lanes(lanes: u16) -> Self {
        assert!(lanes > 0, "a store needs a lane");
        Self::make(lanes, true)
    }

    fn make(lanes: u16, commits_late: bool) -> Self {
        let ownership = vec![Ownership::default(); usize::from(lanes)];
        let tables = Mutex::new(Tables { lanes: ownership, ..Tables::default() });
        Self { lanes, commits_late, tables, committed: Notify::new() }
    }

    /// Commits messages, in this order, as one transaction.
    pub fn enqueue(&self, messages: impl IntoIterator<Item = Message>) {
        self.commit(self.reserve(messages));
    }

    /// Begins a transaction: the messages have their numbers, and others may commit higher ones before.
    ///
    /// A real store makes a second transaction with the same key wait; here the caller must not begin one.
    pub fn reserve(&self, messages: impl IntoIterator<Item = Message>) -> Reserved {
        let mut tables = self.tables();
        let rows = messages.into_iter().map(|message| {
            tables.last += 1;
            let seq = Seq(tables.last);
            let mut hash = DefaultHasher::new();
            match &message.key {
                Some(key) => key.hash(&mut hash),
                None => seq.hash(&mut hash),
            }
            let mut row = Envelope::new(seq, message.id, message.topic.to_string(), message.payload);
            row.lane = Lane((hash.finish() % u64::from(self.lanes)) as u16);
            row.key = message.key.map(Into::into);
            row.headers_json = serde_json::to_string(&message.headers).expect("a map of strings is JSON");
            row
        });
        Reserved(rows.collect())
    }

    /// Ends a transaction.
    pub fn commit(&self, reserved: Reserved) {
        let since = Instant::now();
        let rows =
            reserved.0.into_iter().map(|envelope| (envelope.seq, Row { envelope, is_held: false, since }));
        self.tables().rows.extend(rows);
        self.committed.notify_waiters();
        self.committed.notify_one();
    }

    /// Rows that are not published yet, held ones among them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.tables().rows.len()
    }

    /// Takes a lane away, as another relay would after the lease has expired.
    pub fn usurp(&self, lane: Lane) {
        let ownership = &mut self.tables().lanes[usize::from(lane.0)];
        ownership.owner = None;
        ownership.epoch += 1;
    }

    /// How many lanes each relay holds, by name.
    #[must_use]
    pub fn shares(&self) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for (owner, _) in self.tables().lanes.iter().filter_map(|lane| lane.owner.as_ref()) {
            *shares.entry(owner.as_str().to_owned()).or_default() += 1;
        }
        shares
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().expect("nothing panics while it is held")
    }
}

impl Tables {
    fn lane(&mut self, lane: Lane) -> &mut Ownership {
        &mut self.lanes[usize::from(lane.0)]
    }

    fn is_held(&self, lease: Lease) -> bool {
        let lane = &self.lanes[usize::from(lease.lane.0)];
        lane.epoch == lease.epoch.0 && lane.owner.is_some()
    }

    /// The row, unless its number is another message's by now.
    fn remove(&mut self, row: RowId) -> Option<Row> {
        self.rows.get(&row.seq).filter(|found| found.envelope.id == row.id)?;
        self.rows.remove(&row.seq)
    }
}

impl Store for MemoryStore {
    fn lanes(&self) -> u16 {
        self.lanes
    }

    fn commits_late(&self) -> bool {
        self.commits_late
    }

    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        tables.alive.retain(|_, until| *until > now);
        tables.alive.insert(owner.as_str().to_owned(), now + ttl);
        let mut leases: Vec<Lease> = Vec::new();
        for (lane, ownership) in (0..).map(Lane).zip(&mut tables.lanes) {
            if let Some((current, until)) = &mut ownership.owner
                && current == owner
            {
                *until = now + ttl;
                leases.push(Lease { lane, epoch: Epoch(ownership.epoch) });
            }
        }
        let relays = u16::try_from(tables.alive.len()).unwrap_or(u16::MAX);
        let commands = tables.waiting(|lane| leases.iter().any(|lease| lease.lane == lane));
        Ok(Renewed { leases, relays, commands, is_paused: tables.paused.is_some() })
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        let mut tables = self.tables();
        let now = Instant::now();
        let is_free = |lane: &Ownership| lane.owner.as_ref().is_none_or(|(_, until)| *until <= now);
        let free = (0..).map(Lane).zip(&mut tables.lanes).filter(|(_, lane)| is_free(lane));
        let taken = free.take(usize::from(lanes_max)).map(|(lane, ownership)| {
            ownership.epoch += 1;
            ownership.is_abandoned = ownership.owner.replace((owner.clone(), now + ttl)).is_some();
            Lease { lane, epoch: Epoch(ownership.epoch) }
        });
        Ok(taken.collect())
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        let mut tables = self.tables();
        for lease in leases.iter().copied() {
            if tables.is_held(lease) {
                *tables.lane(lease.lane) = Ownership { epoch: lease.epoch.0 + 1, ..Ownership::default() };
            }
        }
        Ok(())
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        let mut tables = self.tables();
        tables.alive.remove(owner.as_str());
        for lane in &mut tables.lanes {
            if lane.owner.take_if(|(current, _)| current == owner).is_some() {
                lane.epoch += 1;
            }
        }
        Ok(())
    }

    async fn legacy(&self, lanes: &[Lane]) -> Result<Legacy, StoreError> {
        Ok(self.tables().legacy(lanes))
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        Ok(self.look(look, budget, |_, _| true))
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        Ok(self.tables().due(look, budget))
    }

    async fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        let (tables, mut fetched) = (self.tables(), Fetched::default());
        fetched.is_void = !tables.is_held(lease);
        if !fetched.is_void {
            tables.take(
                &mut fetched,
                lease.lane,
                after,
                budget,
                true,
                |Row { envelope, is_held, .. }| {
                    envelope.seq <= upto && !is_held && envelope.key.as_deref() == Some(key)
                },
            );
        }
        Ok(fetched)
    }

    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        let mut tables = self.tables();
        for row in &changes.published {
            tables.remove(*row);
        }
        let mut settled = Settled::default();
        for fenced in &changes.fenced {
            if tables.is_held(fenced.lease) {
                settled.freed.extend(tables.apply(fenced.lease.lane, &fenced.change));
            } else if !settled.lost.contains(&fenced.lease) {
                settled.lost.push(fenced.lease);
            }
        }
        Ok(settled)
    }

    async fn changed(&self) {
        self.committed.notified().await;
    }
}
