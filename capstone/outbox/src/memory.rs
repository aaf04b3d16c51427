//! A store in memory, for tests of whatever uses a relay: on a paused clock, without a file.
//!
//! It forgets everything when it is dropped, so it is no outbox.

mod changes;
mod due;
mod legacy;
mod operations;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::message::{Envelope, Ident, Message, RowId, Seq};
use crate::store::{
    Behind, Budget, Changes, Cursor, Due, DueLook, Epoch, Fetched, Lane, Lease, Legacy, Look, Owner, Passed,
    Renewed, Settled, Store, StoreError,
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
    /// How many transactions have been committed, and how many of them the last look under a lease has seen.
    commits: u64,
    looked_at: BTreeMap<Lease, u64>,
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
pub struct Reserved(Vec<Envelope>);

struct Row {
    envelope: Envelope,
    is_held: bool,
    since: Instant,
    /// Which commit brought it.
    commit: u64,
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
            Envelope {
                seq,
                lane: Lane((hash.finish() % u64::from(self.lanes)) as u16),
                id: message.id,
                topic: message.topic.to_string(),
                key: message.key.map(Into::into),
                headers_json: serde_json::to_string(&message.headers).expect("a map of strings is JSON"),
                payload: message.payload,
            }
        });
        Reserved(rows.collect())
    }

    /// Ends a transaction.
    pub fn commit(&self, reserved: Reserved) {
        let since = Instant::now();
        let mut tables = self.tables();
        tables.commits += 1;
        let commit = tables.commits;
        let row = |envelope: Envelope| (envelope.seq, Row { envelope, is_held: false, since, commit });
        tables.rows.extend(reserved.0.into_iter().map(row));
        drop(tables);
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

    /// Forgets what this look has seen, as a session does that ends: who asks again is told to begin anew.
    pub fn forget(&self, look: &Look) {
        let mut tables = self.tables();
        for cursor in &look.cursors {
            tables.looked_at.remove(&cursor.lease);
        }
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

    /// The lane's wanted rows behind `after`, in order, as far as what is left of the budget goes. Those of a key that is in
    /// trouble queue behind it, unless the key is asked for.
    fn take(
        &self,
        fetched: &mut Fetched,
        lane: Lane,
        after: Seq,
        budget: Budget,
        is_asked_for: bool,
        wanted: impl Fn(&Row) -> bool,
    ) {
        let mut bytes: usize = fetched.rows.iter().map(Envelope::weight).sum();
        let behind = self.rows.range(Seq(after.0 + 1)..).map(|(_, row)| row);
        for row in behind.filter(|row| row.envelope.lane == lane && wanted(row)) {
            let count = fetched.len();
            let in_trouble = row
                .envelope
                .key
                .as_ref()
                .filter(|_| !is_asked_for && self.trouble.contains_key(&row.envelope.ident()));
            bytes += if in_trouble.is_some() { 0 } else { row.envelope.weight() };
            if count == budget.rows || bytes > budget.bytes && count > 0 {
                fetched.more.push(lane);
                break;
            }
            match in_trouble {
                Some(key) => {
                    let (key, row) = (Arc::clone(key), row.envelope.row());
                    fetched.behind.push(Behind { lane, key, row });
                }
                None => fetched.rows.push(row.envelope.clone()),
            }
        }
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
        let mut tables = self.tables();
        let is_known =
            |cursor: &Cursor| cursor.after == Seq(0) || tables.looked_at.contains_key(&cursor.lease);
        if self.commits_late && !look.cursors.iter().all(is_known) {
            return Ok(Fetched { is_void: true, ..Fetched::default() });
        }
        let is_spilled = |row: &Row| row.envelope.key.as_ref().is_some_and(|key| look.spilled.contains(key));
        let mut fetched = Fetched::default();
        let part = budget.rows.div_ceil(look.cursors.len().max(1));
        for cursor in &look.cursors {
            let lane = cursor.lease.lane;
            let looked_at = tables.looked_at.get(&cursor.lease).copied().unwrap_or(0);
            // What commits below the cursor comes with the next look, and with no other.
            let is_late = |row: &Row| {
                let is_new = row.envelope.seq <= cursor.after && row.commit > looked_at && !row.is_held;
                self.commits_late && is_new && !look.in_memory.contains(&row.envelope.row())
            };
            let is_wanted = |row: &Row| {
                !row.is_held && (row.envelope.seq > cursor.after || is_late(row) && !is_spilled(row))
            };
            let after = if self.commits_late { Seq(0) } else { cursor.after };
            let rows = budget.rows.min(fetched.len() + part);
            tables.take(&mut fetched, lane, after, Budget { rows, ..budget }, false, is_wanted);
            let passed = tables.rows.values().filter(|row| row.envelope.lane == lane);
            let passed = passed.filter(|row| is_spilled(row) && is_late(row)).filter_map(|row| {
                let Envelope { key, seq, .. } = &row.envelope;
                Some(Passed { lane, key: key.clone()?, upto: *seq })
            });
            fetched.passed.extend(passed);
            let seen = if fetched.more.contains(&lane) { looked_at } else { tables.commits };
            tables.looked_at.insert(cursor.lease, seen);
        }
        Ok(fetched)
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        Ok(self.tables().due(look, budget))
    }

    async fn fetch_spilled(
        &self,
        lane: Lane,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        let mut fetched = Fetched::default();
        self.tables().take(&mut fetched, lane, after, budget, true, |Row { envelope, is_held, .. }| {
            envelope.seq <= upto && !is_held && envelope.key.as_deref() == Some(key)
        });
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
