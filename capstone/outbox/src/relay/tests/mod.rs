//! The core by itself: inputs in, effects out, no clock and no runtime.

mod lanes;
mod operators;
mod spill;
mod trouble;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::config::RelayConfig;
use super::core::Core;
use super::event::{Effect, Input, Refill, Source, Tenure};
use crate::message::{Envelope, Ident, MessageId, Seq};
use crate::operations::Answer;
use crate::sink::SinkError;
use crate::store::{
    Budget, Change, Changes, Cursor, Epoch, Fetched, Held, Hold, Lane, Lease, Legacy, Look, Settled,
};

const LEASE: Lease = Lease { lane: Lane(0), epoch: Epoch(1) };

/// A core, its time, and what it has asked for.
struct Bench {
    core: Core,
    now: Instant,
    fetch: Option<(Look, Budget)>,
    refill: Option<Refill>,
    settle: Option<Changes>,
}

impl Bench {
    /// With one lane that is open, and what is held in it.
    fn new(config: RelayConfig, held: Vec<Held>) -> Self {
        let mut bench = Self::with_lanes(config, 1, false);
        assert_eq!(bench.owns(&[LEASE], 1), ["open 0"]);
        bench.give(Input::Opened(vec![LEASE], held, Legacy::default()));
        bench
    }

    fn with_lanes(config: RelayConfig, lanes: u16, commits_late: bool) -> Self {
        let now = Instant::now();
        let core = Core::new(config, 7, lanes, commits_late, now);
        Self { core, now, fetch: None, refill: None, settle: None }
    }

    /// Hands over an input and says in short what follows.
    fn give(&mut self, input: Input) -> Vec<String> {
        let mut effects = Vec::new();
        self.core.handle(self.now, input, &mut effects);
        let short = effects.iter().map(short).collect();
        for effect in effects {
            match effect {
                Effect::Fetch(look, budget) => self.fetch = Some((look, budget)),
                Effect::Refill(refill) => self.refill = Some(refill),
                Effect::Settle(changes) => self.settle = Some(changes),
                Effect::Publish(_) | Effect::Open(_) | Effect::Close(_) => {}
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
        self.give(Input::Opened(leases.to_vec(), vec![], Legacy::default()))
    }

    fn fetched(&mut self, rows: &[(i64, &str)], more: bool) -> Vec<String> {
        let rows = rows.iter().map(|(seq, key)| row(*seq, key)).collect();
        self.brought(rows, if more { &[Lane(0)] } else { &[] })
    }

    fn brought(&mut self, rows: Vec<Envelope>, more: &[Lane]) -> Vec<String> {
        let (look, budget) = self.fetch.take().expect("a fetch is under way");
        self.give(Input::Fetched(look, budget, Fetched { rows, more: more.to_vec() }))
    }

    fn refilled(&mut self, key: &str, rows: &[i64]) -> Vec<String> {
        self.refilled_some(key, rows, false)
    }

    fn refilled_some(&mut self, key: &str, rows: &[i64], more: bool) -> Vec<String> {
        let refill = self.refill.take().expect("a refill is under way");
        assert_eq!(refill.ident, Ident::Key(key.into()));
        let rows = rows.iter().map(|seq| row(*seq, key)).collect();
        let more = if more { vec![refill.lease.lane] } else { vec![] };
        self.give(Input::Refilled(refill, Fetched { rows, more }))
    }

    fn settled(&mut self) -> Vec<String> {
        self.settled_but(&[])
    }

    fn settled_but(&mut self, lost: &[Lease]) -> Vec<String> {
        let changes = self.settle.take().expect("a flush is under way");
        self.give(Input::Settled(changes, Settled { lost: lost.to_vec() }))
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

fn short(effect: &Effect) -> String {
    match effect {
        Effect::Open(leases) => format!("open {}", lanes(leases)),
        Effect::Close(leases) => format!("close {}", lanes(leases)),
        Effect::Fetch(Look { cursors, in_memory, spilled }, budget) => {
            let places: Vec<String> = cursors
                .iter()
                .map(|cursor| match cursor.lease.lane {
                    Lane(0) => cursor.after.to_string(),
                    lane => format!("{} in {lane}", cursor.after),
                })
                .collect();
            let mut text = format!("fetch {} after {}", budget.rows, places.join(", "));
            if !in_memory.is_empty() || !spilled.is_empty() {
                let rows: Vec<i64> = in_memory.iter().map(|seq| seq.0).collect();
                text += &format!(", but not {rows:?} and {spilled:?}");
            }
            text
        }
        Effect::Refill(Refill { ident, after, from, .. }) => match from {
            Source::Held => format!("refill {ident} after {after}"),
            Source::Spilled(upto) => format!("refill {ident} after {after} up to {upto}"),
        },
        Effect::Publish(envelope) => format!("publish {}", envelope.seq),
        Effect::Settle(Changes { published, fenced }) => {
            let deletes = published.iter().map(|seq| format!("delete {seq}"));
            let others = fenced.iter().map(|fenced| match &fenced.change {
                Change::Hold { held, rows, .. } => {
                    let rows: Vec<i64> = rows.iter().map(|seq| seq.0).collect();
                    let what = if held.hold == Hold::Parked { "park" } else { "hold" };
                    format!("{what} {} at {} with {rows:?}, attempt {}", held.ident, held.head, held.attempts)
                }
                Change::Follow(rows) => {
                    format!("follow {:?}", rows.iter().map(|seq| seq.0).collect::<Vec<_>>())
                }
                Change::Free(ident) => format!("free {ident}"),
                Change::Bury { row, .. } => format!("bury {row}"),
                Change::Discard { ident, upto } => format!("discard {ident} up to {upto}"),
                Change::Answer(id, Answer::Done) => format!("command {} is done", id.0),
                Change::Answer(id, Answer::Refused(why)) => format!("command {} is refused: {why}", id.0),
                Change::Started { row, starts } => format!("start {starts} of {row}"),
            });
            format!("settle: {}", deletes.chain(others).collect::<Vec<_>>().join(", "))
        }
    }
}

fn lanes(leases: &[Lease]) -> String {
    leases.iter().map(|lease| lease.lane.to_string()).collect::<Vec<_>>().join(", ")
}

fn busy() -> SinkError {
    SinkError::Retryable("busy".into())
}
