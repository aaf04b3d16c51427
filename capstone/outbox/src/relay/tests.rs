//! The core by itself: inputs in, effects out, no clock and no runtime.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::config::RelayConfig;
use super::core::Core;
use super::event::{Effect, Input};
use crate::message::{Envelope, Ident, MessageId, Seq};
use crate::sink::SinkError;
use crate::store::{Budget, Change, Changes, Epoch, Fetched, Held, Hold, Lane, Lease};

const LEASE: Lease = Lease { lane: Lane(0), epoch: Epoch(1) };

/// A core, its time, and what it has asked for.
struct Bench {
    core: Core,
    now: Instant,
    /// Of the last fetch and the last refill.
    budgets: [Option<Budget>; 2],
}

impl Bench {
    fn new(config: RelayConfig, held: Vec<Held>) -> Self {
        let now = Instant::now();
        let mut bench = Self { core: Core::new(config, 7, LEASE, held, now), now, budgets: [None; 2] };
        bench.give(Input::MayPublishUntil(now + Duration::from_secs(3_600)));
        bench
    }

    /// Hands over an input and says in short what follows.
    fn give(&mut self, input: Input) -> Vec<String> {
        let mut effects = Vec::new();
        self.core.handle(self.now, input, &mut effects);
        for effect in &effects {
            match effect {
                Effect::Fetch { budget, .. } => self.budgets[0] = Some(*budget),
                Effect::FetchHeld { budget, .. } => self.budgets[1] = Some(*budget),
                Effect::Publish(_) | Effect::Settle(_) => {}
            }
        }
        effects.iter().map(short).collect()
    }

    fn fetched(&mut self, rows: &[(i64, &str)], more: bool) -> Vec<String> {
        let rows = rows.iter().map(|(seq, key)| row(*seq, key)).collect();
        let budget = self.budgets[0].take().expect("a fetch is under way");
        let more = if more { vec![Lane(0)] } else { vec![] };
        self.give(Input::Fetched(budget, Fetched { rows, more }))
    }

    fn refilled(&mut self, key: &str, rows: &[i64]) -> Vec<String> {
        let budget = self.budgets[1].take().expect("a refill is under way");
        let rows = rows.iter().map(|seq| row(*seq, key)).collect();
        self.give(Input::FetchedHeld(Ident::Key(key.into()), budget, Fetched { rows, more: vec![] }))
    }

    fn took(&mut self, seq: i64, key: &str) -> Vec<String> {
        self.give(Input::Published(Arc::new(row(seq, key)), Ok(())))
    }

    fn refused(&mut self, seq: i64, key: &str, error: SinkError) -> Vec<String> {
        self.give(Input::Published(Arc::new(row(seq, key)), Err(error)))
    }

    fn pass(&mut self, millis: u64) -> Vec<String> {
        self.now += Duration::from_millis(millis);
        self.give(Input::Tick)
    }
}

fn small() -> RelayConfig {
    RelayConfig { window_rows: 8, ..RelayConfig::default() }
}

fn row(seq: i64, key: &str) -> Envelope {
    let id = MessageId::from_bytes([u8::try_from(seq).unwrap(); 16]);
    let key = (!key.is_empty()).then(|| key.into());
    Envelope {
        seq: Seq(seq),
        lane: Lane(0),
        id,
        topic: "t".into(),
        key,
        headers_json: "{}".into(),
        payload: Bytes::new(),
    }
}

fn short(effect: &Effect) -> String {
    match effect {
        Effect::Fetch { after, budget } => format!("fetch {} after {after}", budget.rows),
        Effect::FetchHeld { ident, after, .. } => format!("refill {ident} after {after}"),
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
            });
            format!("settle: {}", deletes.chain(others).collect::<Vec<_>>().join(", "))
        }
    }
}

fn busy() -> SinkError {
    SinkError::Retryable("busy".into())
}

#[test]
fn one_of_a_key_at_a_time_and_one_flush_at_a_time() {
    let mut bench = Bench::new(small(), vec![]);
    assert_eq!(bench.fetched(&[(1, "a"), (2, "a"), (3, "b")], false), ["publish 1", "publish 3"]);
    assert_eq!(bench.took(1, "a"), ["publish 2", "settle: delete 1"]);
    assert_eq!(bench.took(2, "a"), [""; 0], "a flush is under way");
    assert_eq!(bench.took(3, "b"), [""; 0]);
    assert_eq!(bench.give(Input::Settled), ["settle: delete 2, delete 3"]);
    assert!(!bench.core.is_drained());
    bench.give(Input::Settled);
    assert!(bench.core.is_drained() && bench.core.is_empty());
}

#[test]
fn room_returns_when_the_delete_is_committed() {
    let mut bench = Bench::new(small(), vec![]);
    let rows: Vec<(i64, &str)> = (1..=8).map(|seq| (seq, "")).collect();
    assert_eq!(bench.fetched(&rows, true).len(), 8, "all are published");
    for seq in 1..=8 {
        let effects = bench.took(seq, "");
        assert!(!effects.iter().any(|effect| effect.starts_with("fetch")), "{effects:?}");
    }
    // The first flush held one row: not enough for a fetch. The second holds the rest.
    assert_eq!(bench.give(Input::Settled).len(), 1);
    assert_eq!(bench.give(Input::Settled), ["fetch 8 after 8"]);
}

#[test]
fn a_held_key_is_read_again_after_the_store_knows_and_in_order() {
    let mut bench = Bench::new(small(), vec![]);
    bench.fetched(&[(1, "a"), (2, "a")], true);
    let effects = bench.refused(1, "a", busy());
    assert_eq!(effects.last().unwrap(), "settle: hold key \"a\" at 1 with [1, 2], attempt 1");
    // Due before the flush is committed: what the store would say now is not yet true.
    assert_eq!(bench.pass(100), [""; 0]);
    assert_eq!(bench.give(Input::Settled), ["refill key \"a\" after 0"]);

    // A later row of the key is met meanwhile: it must queue behind, in the store.
    assert_eq!(bench.fetched(&[(3, "a")], false), ["settle: follow [3]"]);
    assert_eq!(bench.refilled("a", &[1]), ["publish 1"]);
    bench.took(1, "a");
    assert_eq!(bench.give(Input::Settled), ["refill key \"a\" after 1", "settle: delete 1"]);
    assert_eq!(bench.refilled("a", &[2]), ["publish 2"]);
    assert_eq!(bench.took(2, "a"), ["refill key \"a\" after 2"]);
    assert_eq!(bench.refilled("a", &[3]), ["publish 3"]);
    assert_eq!(bench.took(3, "a"), ["refill key \"a\" after 3"]);
    assert_eq!(bench.refilled("a", &[]), [""; 0]);
    assert_eq!(bench.give(Input::Settled), ["settle: delete 2, delete 3, free key \"a\""]);
}

#[test]
fn a_row_that_joins_while_the_held_rows_are_read_is_not_left_behind() {
    let head = Held {
        lane: Lane(0),
        ident: Ident::Key("a".into()),
        head: Seq(1),
        attempts: 1,
        hold: Hold::RetryIn(Duration::ZERO),
    };
    let mut bench = Bench::new(small(), vec![head]);
    bench.fetched(&[], false);
    // The first refill was asked for at the start; the row arrives before its answer.
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(5, "a")], false), ["settle: follow [5]"]);
    assert_eq!(bench.refilled("a", &[]), [""; 0], "not free yet: the answer is older than the row");
    assert_eq!(bench.give(Input::Settled), ["refill key \"a\" after 0"]);
    assert_eq!(bench.refilled("a", &[5]), ["publish 5"]);
}

#[test]
fn nothing_of_a_key_passes_a_dead_letter_before_it_is_committed() {
    let mut bench = Bench::new(small(), vec![]);
    bench.fetched(&[(1, ""), (2, "a")], false);
    assert_eq!(bench.refused(1, "", SinkError::Permanent("no".into())), ["settle: bury 1"]);
    let park = bench.refused(2, "a", SinkError::Permanent("no".into()));
    assert_eq!(park, [""; 0], "a flush is under way");
    assert_eq!(bench.give(Input::Settled), ["settle: park key \"a\" at 2 with [2], attempt 1"]);
    bench.give(Input::Settled);
    assert!(bench.core.is_empty(), "a parked key is nobody's work");
}

#[test]
fn what_was_held_before_the_start_is_not_passed() {
    let held = |key: &str, hold| Held {
        lane: Lane(0),
        ident: Ident::Key(key.into()),
        head: Seq(1),
        attempts: 9,
        hold,
    };
    let retry = Hold::RetryIn(Duration::from_millis(50));
    let mut bench = Bench::new(small(), vec![held("a", retry), held("p", Hold::Parked)]);
    assert_eq!(
        bench.fetched(&[(7, "a"), (8, "p"), (9, "b")], false),
        ["publish 9", "settle: follow [7, 8]",]
    );
    bench.give(Input::Settled);
    assert_eq!(bench.pass(50), ["refill key \"a\" after 0"]);
    assert_eq!(bench.refilled("a", &[1]), ["publish 1"]);
    let last = bench.refused(1, "a", busy());
    assert_eq!(last, ["settle: park key \"a\" at 1 with [1], attempt 10"], "the tenth attempt is the last");
}

#[test]
fn nothing_starts_after_the_lease_may_have_ended() {
    let mut bench = Bench::new(small(), vec![]);
    bench.give(Input::MayPublishUntil(bench.now));
    assert_eq!(bench.fetched(&[(1, "a")], false), [""; 0]);
    let later = bench.now + Duration::from_secs(1);
    assert_eq!(bench.give(Input::MayPublishUntil(later)), ["publish 1"]);
}

#[test]
fn a_sink_that_is_down_gets_one_probe_and_the_head_stays_the_head() {
    let mut bench = Bench::new(small(), vec![]);
    let down = || SinkError::Unavailable("down".into());
    assert_eq!(bench.fetched(&[(1, "a"), (2, "a"), (3, "b")], false), ["publish 1", "publish 3"]);
    assert_eq!(bench.refused(1, "a", down()), [""; 0]);
    assert_eq!(bench.refused(3, "b", down()), [""; 0]);
    let due = bench.core.next_due().expect("a probe is due") - bench.now;
    assert!(due <= Duration::from_millis(100));
    assert_eq!(bench.pass(100), ["publish 3"], "one");
    assert_eq!(
        bench.took(3, "b"),
        ["publish 1", "settle: delete 3"],
        "then the others, each key from its head"
    );
}
