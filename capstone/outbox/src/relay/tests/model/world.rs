//! What is around the core: a store that others use too, a sink, operators, and another relay.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use futures::FutureExt;
use tokio::time::Instant;

use super::chance::Rates;
use super::rules::Rules;
use crate::config::{Exhausted, RelayConfig};
use crate::memory::{MemoryStore, Reserved};
use crate::message::{Envelope, Ident, Message, MessageId, RowId, Seq};
use crate::operations::{Operations, Verb};
use crate::relay::event::{Effect, Input, Tenure};
use crate::sink::SinkError;
use crate::store::{Broken, Budget, Cursor, Due, Fetched, Lane, Lease, Look, Owner, Store, StoreError};

pub(super) const TTL: Duration = Duration::from_secs(8);

pub(super) struct World {
    pub(super) store: MemoryStore,
    pub(super) random: Rng,
    rates: Rates,
    keys: usize,
    /// Messages so far, and how many there may be.
    count: usize,
    count_max: usize,
    /// Transactions that have not ended. Each is the only one with its key.
    open: HashMap<usize, Reserved>,
    /// What was there when a lane was looked at last.
    seen: BTreeMap<Lease, Rc<BTreeSet<RowId>>>,
    /// The relay whose core this is about, by the name of the run.
    owner: Owner,
    runs: usize,
    pub(super) other: Owner,
    pub(super) others: Vec<Lease>,
    pub(super) exhausted: Exhausted,
}

impl World {
    pub(super) fn new(random: &mut Rng, config: &RelayConfig) -> Self {
        let store = match random.usize(0..6) {
            0 | 1 => MemoryStore::new(),
            2 | 3 => MemoryStore::with_lanes(1),
            _ => MemoryStore::with_lanes(random.u16(2..7)),
        };
        Self {
            store,
            rates: Rates::choose(random),
            keys: random.usize(1..9),
            count: 0,
            count_max: random.usize(1..90),
            open: HashMap::new(),
            seen: BTreeMap::new(),
            owner: Owner::new("run 0"),
            runs: 0,
            other: Owner::new("other 0"),
            others: vec![],
            exhausted: config.retry.keyed,
            random: random.fork(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn hits(&mut self, rate: u32) -> bool {
        self.random.u32(0..100) < rate
    }

    /// Whether an answer is lost on its way.
    pub(super) fn is_lost(&mut self) -> bool {
        self.hits(self.rates.lost)
    }

    /// Some messages are enqueued, and now and then a transaction ends.
    pub(super) fn commit(&mut self, rules: &mut Rules) {
        for _ in 0..self.random.usize(1..8).min(self.count_max - self.count) {
            // One key has more than the others.
            let key = self.random.usize(..=self.keys) * usize::from(self.random.u32(0..3) > 0);
            if self.open.contains_key(&key) {
                // Who comes second waits.
                continue;
            }
            let message = self.message(key);
            let reserved = self.store.reserve([message]);
            if self.store.commits_late() && self.hits(self.rates.late) {
                self.open.insert(key, reserved);
            } else {
                rules.committed(&reserved.0);
                self.store.commit(reserved);
            }
        }
        if self.random.u32(0..3) == 0 {
            let key = self.random.usize(..=self.keys);
            self.end(key, rules);
        }
    }

    /// The transaction with this key ends.
    fn end(&mut self, key: usize, rules: &mut Rules) {
        let Some(reserved) = self.open.remove(&key) else { return };
        if self.random.u32(0..5) > 0 {
            rules.committed(&reserved.0);
            self.store.commit(reserved);
        }
    }

    /// The last key is none.
    fn message(&mut self, key: usize) -> Message {
        self.count += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(self.count as u64).to_be_bytes());
        let payload = match self.random.u32(0..10) {
            _ if self.hits(self.rates.broken) => BROKEN.to_vec(),
            0 => vec![b'x'; self.random.usize(..8_000)],
            _ => vec![b'x'; self.random.usize(..200)],
        };
        let message = Message::new("t".parse().expect("a topic"), payload).with_id(MessageId::from_bytes(id));
        if key == self.keys { message } else { message.with_key(format!("k{key}")).expect("a key") }
    }

    /// What the store does when it is asked.
    pub(super) fn answer(&mut self, effect: Effect) -> Input {
        match effect {
            Effect::Open(leases) => {
                let lanes: Vec<Lane> = leases.iter().map(|lease| lease.lane).collect();
                let legacy = at_once(self.store.legacy(&lanes));
                Input::Opened(leases, legacy)
            }
            Effect::Fetch(look, budget) if self.hits(self.rates.void) => {
                Input::Fetched(look, budget, Fetched { is_void: true, ..Fetched::default() })
            }
            Effect::Fetch(look, budget) => {
                let less = self.less(budget);
                let fetched = self.fetch(&look, less);
                Input::Fetched(look, budget, read(fetched))
            }
            Effect::Due(leases, look, budget) => {
                let less = self.less(budget);
                let due = at_once(self.store.due(&look, less));
                Input::Due(leases, budget, read_due(due))
            }
            Effect::Refill(refill) => {
                let key = Arc::clone(refill.ident.key().expect("only keys have passed rows"));
                let budget = self.less(refill.budget);
                let fetched =
                    at_once(self.store.fetch_spilled(refill.lease, &key, refill.after, refill.upto, budget));
                Input::Refilled(refill, read(fetched))
            }
            Effect::Settle(changes) => {
                let settled = at_once(self.store.settle(&changes));
                Input::Settled(changes, settled)
            }
            effect => panic!("the store is not asked for {effect:?}"),
        }
    }

    /// As PostgreSQL does it: what was there at a look is below the cursor no news for the next.
    fn fetch(&mut self, look: &Look, budget: Budget) -> Fetched {
        let seen = &self.seen;
        let is_new = |lease, row| seen.get(&lease).is_none_or(|rows| !rows.contains(&row));
        let fetched = self.store.look(look, budget, is_new);
        let there: Rc<BTreeSet<RowId>> = Rc::new(self.store.rows().into_iter().collect());
        for Cursor { lease, after } in look.cursors.iter().copied() {
            assert!(after == Seq::START || self.seen.contains_key(&lease), "its cursor is of another lease");
            let rows = fetched.rows.iter().filter(|row| row.lane == lease.lane).map(|row| row.seq);
            let behind = fetched.behind.iter().filter(|row| row.lane == lease.lane).map(|row| row.row.seq);
            let last = rows.chain(behind).max();
            // Else some of what is new below the cursor was left for the next look.
            if !fetched.more.contains(&lease.lane) || last.is_some_and(|last| last > after) {
                self.seen.insert(lease, Rc::clone(&there));
            } else if after == Seq::START {
                self.seen.entry(lease).or_default();
            }
        }
        fetched
    }

    /// A store may bring less, if it says so.
    fn less(&mut self, budget: Budget) -> Budget {
        if !self.hits(self.rates.less) {
            return budget;
        }
        Budget { rows: self.random.usize(1..=budget.rows), bytes: self.random.usize(1..=budget.bytes) }
    }

    /// What the sink says.
    pub(super) fn publish(&mut self, _envelope: &Envelope) -> Result<(), SinkError> {
        let Rates { busy, never, silent, down, closed, .. } = self.rates;
        Err(if self.hits(busy) {
            SinkError::Retryable("busy".into())
        } else if self.hits(never) {
            SinkError::Permanent("never".into())
        } else if self.hits(silent) {
            SinkError::TimedOut("silent".into())
        } else if self.hits(down) {
            SinkError::Unavailable("down".into())
        } else if self.hits(closed) {
            SinkError::Closed("closed".into())
        } else {
            return Ok(());
        })
    }

    /// What the keeper does: all of it at once, and it is told later.
    pub(super) fn renew(&mut self, given_up: &[Lease], config: &RelayConfig, now: Instant) -> Tenure {
        let renew = || at_once(self.store.renew(&self.owner, TTL));
        let mut renewed = renew();
        let (surplus, mut leases): (Vec<Lease>, Vec<Lease>) =
            renewed.leases.iter().copied().partition(|lease| given_up.contains(lease));
        at_once(self.store.release(&surplus));
        let share = usize::from(self.store.lanes().div_ceil(renewed.relays.max(1)));
        let missing = u16::try_from(share.saturating_sub(leases.len())).expect("of 16 bits");
        let taken = at_once(self.store.acquire(&self.owner, missing, TTL));
        if !taken.is_empty() {
            renewed = renew();
        }
        leases.extend(taken);
        Tenure {
            leases,
            share,
            is_complete: true,
            commands: renewed.commands,
            is_paused: renewed.is_paused,
            may_publish_until: now + TTL - config.publish_timeout - config.lease_margin,
        }
    }

    pub(super) fn operate(&mut self) {
        let troubled = at_once(self.store.troubled(None, 100));
        if !troubled.is_empty() {
            let ident = &troubled[self.random.usize(..troubled.len())].ident;
            let verbs = [Verb::Retry, Verb::Skip, Verb::Discard, Verb::Clear];
            at_once(self.store.command(ident, verbs[self.random.usize(..4)], "anna"));
        }
        match self.random.u32(0..6) {
            0 => drop(at_once(self.store.pause("anna"))),
            1..4 => drop(at_once(self.store.resume())),
            _ => {}
        }
    }

    pub(super) fn is_in_trouble(&self, ident: &Ident) -> bool {
        at_once(self.store.troubled(None, 1_000)).iter().any(|key| key.ident == *ident)
    }

    pub(super) fn leave(&mut self) {
        at_once(self.store.leave(&self.owner));
    }

    /// The next run is another owner.
    pub(super) fn rename(&mut self) {
        self.runs += 1;
        self.owner = Owner::new(format!("run {}", self.runs));
    }

    /// From now on nothing goes wrong.
    pub(super) fn heal(&mut self, rules: &mut Rules) {
        for key in 0..=self.keys {
            self.end(key, rules);
        }
        self.rates = Rates::default();
        self.others_leave();
        at_once(self.store.resume());
    }

    /// What the sink has taken of this run is gone.
    pub(super) fn check_drained(&self, rules: &Rules) {
        let left: Vec<RowId> =
            self.store.rows().into_iter().filter(|row| rules.is_acknowledged(*row)).collect();
        assert!(left.is_empty(), "a clean stop leaves what was published: {left:?}");
    }

    /// All is delivered, dead, taken away by an operator, or of a parked key.
    pub(super) fn check_end(&self, rules: &Rules) {
        self.check_drained(rules);
        let troubled = at_once(self.store.troubled(None, 1_000));
        for key in &troubled {
            assert!(key.retry_in_ms.is_none() && key.command.is_none(), "it waits and nobody cares: {key:?}");
        }
        for row in self.store.rows() {
            let ident = rules.ident(row);
            assert!(troubled.iter().any(|key| key.ident == *ident), "{row} of {ident} is left behind");
        }
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let troubled = at_once(self.store.troubled(None, 1_000));
        f.debug_struct("World")
            .field("lanes", &self.store.lanes())
            .field("commits_late", &self.store.commits_late())
            .field("rates", &self.rates)
            .field("rows", &self.store.rows().iter().map(|row| row.seq.0).collect::<Vec<_>>())
            .field("troubled", &troubled)
            .finish_non_exhaustive()
    }
}

const BROKEN: &[u8] = b"broken";

/// Whether its text is none.
pub(super) fn is_broken(row: &Envelope) -> bool {
    row.payload[..] == *BROKEN
}

fn broken(row: Envelope) -> Broken {
    Broken { lane: row.lane, row: row.row(), error: "no text".into() }
}

/// As a store brings rows that cannot be read.
pub(super) fn read(mut fetched: Fetched) -> Fetched {
    let (unread, rows): (Vec<_>, Vec<_>) = fetched.rows.into_iter().partition(is_broken);
    fetched.rows = rows;
    fetched.broken.extend(unread.into_iter().map(broken));
    fetched
}

fn read_due(mut due: Due) -> Due {
    for key in &mut due.keys {
        let (unread, rows): (Vec<_>, Vec<_>) = std::mem::take(&mut key.rows).into_iter().partition(is_broken);
        key.rows = rows;
        due.broken.extend(unread.into_iter().map(broken));
    }
    due
}

/// The store in memory answers at once.
pub(super) fn at_once<T>(call: impl Future<Output = Result<T, StoreError>>) -> T {
    call.now_or_never().expect("it waits for nothing").expect("it never fails")
}
