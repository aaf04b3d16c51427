//! The core by itself: inputs in, effects out, no clock and no runtime.

mod breaker;
mod lanes;
mod model;
mod operators;
mod spill;
mod trouble;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::core::Core;
use super::event::{Effect, Input, Refill, Tenure};
use super::notice::Notice;
use crate::config::RelayConfig;
use crate::message::{Envelope, Ident, MessageId, RowId, Seq};
use crate::sink::SinkError;
use crate::store::{
    Behind, Broken, Budget, Change, Changes, Cursor, Due, DueKey, DueLook, Epoch, Fetched, Held, Hold, Lane,
    Lease, Legacy, Look, Settled,
};

const LEASE: Lease = Lease { lane: Lane(0), epoch: Epoch(1) };

/// A core, its time, and what it has asked for.
struct Bench {
    core: Core,
    now: Instant,
    fetch: Option<(Look, Budget)>,
    due: Option<(Vec<Lease>, DueLook, Budget)>,
    refill: Option<Refill>,
    settle: Option<Changes>,
    notices: Vec<Notice>,
}

impl Bench {
    /// With one lane that is open, and nothing of it is due.
    fn new(config: RelayConfig) -> Self {
        Self::left_by(config, Legacy::default())
    }

    /// The same, after another owner.
    fn left_by(config: RelayConfig, legacy: Legacy) -> Self {
        let mut bench = Self::with_lanes(config, 1, false);
        assert_eq!(bench.owns(&[LEASE], 1), ["open 0"]);
        bench.give(Input::Opened(vec![LEASE], legacy));
        // There is more, so that a fetch is under way.
        assert_eq!(bench.fetched(&[], true)[0], "what is due?");
        assert!(bench.nothing_is_due().is_empty() && bench.fetch.is_some());
        bench
    }

    fn with_lanes(config: RelayConfig, lanes: u16, commits_late: bool) -> Self {
        let now = Instant::now();
        let core = Core::new(config, 7, lanes, commits_late, now);
        let (fetch, due, refill, settle, notices) = (None, None, None, None, vec![]);
        Self { core, now, fetch, due, refill, settle, notices }
    }

    /// Hands over an input and says in short what follows.
    fn give(&mut self, input: Input) -> Vec<String> {
        let mut effects = Vec::new();
        self.core.handle(self.now, input, &mut effects);
        let short = effects.iter().filter_map(short).collect();
        for effect in effects {
            match effect {
                Effect::Fetch(look, budget) => self.fetch = Some((look, budget)),
                Effect::Due(leases, look, budget) => self.due = Some((leases, look, budget)),
                Effect::Refill(refill) => self.refill = Some(refill),
                Effect::Settle(changes) => self.settle = Some(changes),
                Effect::Tell(notice) => self.notices.push(notice),
                Effect::Publish(..) | Effect::Open(_) | Effect::Close(_) => {}
            }
        }
        short
    }

    fn owns(&mut self, leases: &[Lease], share: usize) -> Vec<String> {
        let may_publish_until = self.now + Duration::from_secs(3_600);
        let leases = leases.to_vec();
        self.give(Input::Tenure(Tenure {
            leases,
            share,
            is_complete: true,
            commands: vec![],
            is_paused: false,
            may_publish_until,
        }))
    }

    fn owns_until(&mut self, may_publish_until: Instant) -> Vec<String> {
        self.give(Input::Tenure(Tenure {
            leases: vec![LEASE],
            share: 1,
            is_complete: true,
            commands: vec![],
            is_paused: false,
            may_publish_until,
        }))
    }

    fn opened(&mut self, leases: &[Lease]) -> Vec<String> {
        self.give(Input::Opened(leases.to_vec(), Legacy::default()))
    }

    fn nothing_is_due(&mut self) -> Vec<String> {
        self.came_due(vec![], None)
    }

    /// A key is due: its head has been tried so often, and these are its held rows.
    fn is_due(&mut self, key: &str, attempts: u32, rows: &[i64]) -> Vec<String> {
        self.came_due(vec![due(key, attempts, rows)], None)
    }

    fn came_due(&mut self, keys: Vec<DueKey>, next: Option<u64>) -> Vec<String> {
        let (leases, _, budget) = self.due.take().expect("it was asked what is due");
        let due = Due { keys, next: next.map(Duration::from_millis), ..Due::default() };
        self.give(Input::Due(leases, budget, due))
    }

    fn fetched(&mut self, rows: &[(i64, &str)], more: bool) -> Vec<String> {
        let rows = rows.iter().map(|(seq, key)| row(*seq, key)).collect();
        self.brought(rows, if more { &[Lane(0)] } else { &[] })
    }

    fn brought(&mut self, rows: Vec<Envelope>, more: &[Lane]) -> Vec<String> {
        let (look, budget) = self.fetch.take().expect("a fetch is under way");
        self.give(Input::Fetched(look, budget, Fetched { rows, more: more.to_vec(), ..Fetched::default() }))
    }

    /// Rows of a key that is in trouble, as the store says.
    fn fetched_behind(&mut self, key: &str, rows: &[i64]) -> Vec<String> {
        let (look, budget) = self.fetch.take().expect("a fetch is under way");
        let behind =
            rows.iter().map(|seq| Behind { lane: Lane(0), key: key.into(), row: row(*seq, key).row() });
        self.give(Input::Fetched(look, budget, Fetched { behind: behind.collect(), ..Fetched::default() }))
    }

    fn refilled(&mut self, key: &str, rows: &[i64]) -> Vec<String> {
        self.refilled_some(key, rows, false)
    }

    fn refilled_some(&mut self, key: &str, rows: &[i64], more: bool) -> Vec<String> {
        let refill = self.refill.take().expect("a refill is under way");
        assert_eq!(refill.ident, Ident::Key(key.into()));
        let rows = rows.iter().map(|seq| row(*seq, key)).collect();
        let more = if more { vec![refill.lease.lane] } else { vec![] };
        self.give(Input::Refilled(refill, Fetched { rows, more, ..Fetched::default() }))
    }

    fn settled(&mut self) -> Vec<String> {
        self.settled_as(Settled::default())
    }

    fn settled_but(&mut self, lost: &[Lease]) -> Vec<String> {
        self.settled_as(Settled { lost: lost.to_vec(), ..Settled::default() })
    }

    /// Nothing of this key is held any more.
    fn settled_and_freed(&mut self, key: &str) -> Vec<String> {
        self.settled_as(Settled { freed: vec![Ident::Key(key.into())], ..Settled::default() })
    }

    fn settled_as(&mut self, settled: Settled) -> Vec<String> {
        let changes = self.settle.take().expect("a flush is under way");
        self.give(Input::Settled(changes, settled))
    }

    fn took(&mut self, seq: i64, key: &str) -> Vec<String> {
        self.give(Input::Published(vec![(Arc::new(row(seq, key)), Ok(()))]))
    }

    fn took_at_once(&mut self, rows: &[(i64, &str)]) -> Vec<String> {
        self.give(Input::Published(
            rows.iter().map(|(seq, key)| (Arc::new(row(*seq, key)), Ok(()))).collect(),
        ))
    }

    fn refused(&mut self, seq: i64, key: &str, error: SinkError) -> Vec<String> {
        self.give(Input::Published(vec![(Arc::new(row(seq, key)), Err(error))]))
    }

    fn next_due(&self) -> Option<Instant> {
        self.core.next_due(self.now)
    }

    fn pass(&mut self, millis: u64) -> Vec<String> {
        self.now += Duration::from_millis(millis);
        self.give(Input::Tick)
    }
}

fn small() -> RelayConfig {
    RelayConfig { window_rows: 16, ..RelayConfig::default() }
}

fn row(seq: i64, key: &str) -> Envelope {
    row_in(Lane(0), seq, key)
}

fn row_in(lane: Lane, seq: i64, key: &str) -> Envelope {
    let id = MessageId::from_bytes([u8::try_from(seq).unwrap(); 16]);
    let key = (!key.is_empty()).then(|| key.into());
    Envelope {
        seq: Seq(seq),
        lane,
        id,
        topic: "t".into(),
        key,
        headers_json: "{}".into(),
        payload: Bytes::new(),
    }
}

/// A key that is due.
fn due(key: &str, attempts: u32, rows: &[i64]) -> DueKey {
    let ident = Ident::Key(key.into());
    let rows: Vec<Envelope> = rows.iter().map(|seq| row(*seq, key)).collect();
    let head = rows.first().map_or(RowId { seq: Seq(0), id: MessageId::from_bytes([0; 16]) }, Envelope::row);
    DueKey { held: Held { lane: Lane(0), ident, head, attempts, hold: Hold::RetryIn(Duration::ZERO) }, rows }
}

/// `None` for what is only told.
fn short(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Open(leases) => format!("open {}", lanes(leases)),
        Effect::Close(leases) => format!("close {}", lanes(leases)),
        Effect::Fetch(Look { cursors, in_memory, spilled }, budget) => {
            let places: Vec<String> = cursors
                .iter()
                .map(|cursor| match cursor.lease.lane {
                    Lane(0) => place(cursor.after),
                    lane => format!("{} in {lane}", place(cursor.after)),
                })
                .collect();
            let mut text = format!("fetch {} after {}", budget.rows, places.join(", "));
            if !in_memory.is_empty() || !spilled.is_empty() {
                let rows: Vec<i64> = in_memory.iter().map(|row| row.seq.0).collect();
                text += &format!(", but not {rows:?} and {spilled:?}");
            }
            text
        }
        Effect::Due(_, DueLook { except, .. }, _) if except.is_empty() => "what is due?".to_owned(),
        Effect::Due(_, DueLook { except, .. }, _) => {
            let except: Vec<String> = except.iter().map(ToString::to_string).collect();
            format!("what is due but {}?", except.join(", "))
        }
        Effect::Refill(Refill { ident, after, upto, .. }) => {
            format!("refill {ident} after {after} up to {upto}")
        }
        Effect::Publish(envelope, 1) => format!("publish {}", envelope.seq),
        Effect::Publish(envelope, attempt) => format!("publish {} for the {attempt}. time", envelope.seq),
        Effect::Settle(Changes { published, fenced }) => {
            let deletes = published.iter().map(|row| format!("delete {row}"));
            let others = fenced.iter().map(|fenced| match &fenced.change {
                Change::Hold { held, rows, .. } => {
                    let what = if held.hold == Hold::Parked { "park" } else { "hold" };
                    let (ident, head, rows) = (&held.ident, held.head, numbers(rows));
                    format!("{what} {ident} at {head} with {rows:?}, attempt {}", held.attempts)
                }
                Change::Follow { ident, rows } => format!("{ident} follows with {:?}", numbers(rows)),
                Change::Continue(ident) => format!("{ident} goes on"),
                Change::Bury { row, .. } => format!("bury {row}"),
                Change::Execute(command) => format!("{} {}", command.verb, command.ident),
                Change::Started { row, starts } => format!("start {starts} of {row}"),
            });
            format!("settle: {}", deletes.chain(others).collect::<Vec<_>>().join(", "))
        }
        Effect::Tell(_) => return None,
    })
}

/// 0 for the beginning.
fn place(seq: Seq) -> String {
    if seq == Seq::START { "0".to_owned() } else { seq.to_string() }
}

fn numbers(rows: &[RowId]) -> Vec<i64> {
    rows.iter().map(|row| row.seq.0).collect()
}

fn lanes(leases: &[Lease]) -> String {
    leases.iter().map(|lease| lease.lane.to_string()).collect::<Vec<_>>().join(", ")
}

fn busy() -> SinkError {
    SinkError::Retryable("busy".into())
}
