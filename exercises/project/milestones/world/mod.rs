//! What milestones 1 to 4 give to your relay: a world in memory that is its outbox and its broker, and that records what happens.
//! Only the broker knows how long an event takes and what becomes of it.

mod ends;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::sut::contract::{Report, Settings, WhenEmpty};
use super::sut::relay;
pub use rows::{Mark, Outcome, Record, Row, row};

/// On the paused clock, an hour passes as soon as no task can make progress.
pub const HOUR: Duration = Duration::from_secs(3600);
/// How long the outbox takes for a query, and to mark a row.
pub const QUERY_MS: u64 = 3;
pub const MARK_MS: u64 = 7;
/// What a relay may need besides: a query or two.
pub const SLACK_MS: u64 = 20;
/// After this many attempts of one event, or this many queries, the world stops answering: the relay repeats itself.
const ATTEMPTS_MAX: usize = 50;
const QUERIES_MAX: usize = 50_000;

#[derive(Default)]
struct State {
    rows: BTreeMap<u64, (Row, Record)>,
    in_flight: BTreeSet<u64>,
    in_flight_peak: usize,
    /// Rows that a query has returned and that are not marked.
    out: BTreeSet<u64>,
    out_peak: usize,
    queries: Vec<u64>,
    story: Vec<String>,
    /// What no relay may do, whatever the milestone.
    wrong: Vec<String>,
}

/// A handle. Clones are handles to the same world.
#[derive(Clone)]
pub struct World {
    zero: Instant,
    query_ms: u64,
    mark_ms: u64,
    state: Arc<Mutex<State>>,
}

impl World {
    pub fn new(rows: Vec<Row>) -> World {
        World::slow(QUERY_MS, MARK_MS, rows)
    }

    /// With an outbox that takes this long for a query, and this long to mark a row.
    pub fn slow(query_ms: u64, mark_ms: u64, rows: Vec<Row>) -> World {
        let world = World { zero: Instant::now(), query_ms, mark_ms, state: Arc::default() };
        world.insert(rows);
        world
    }

    /// Adds rows now.
    pub fn insert(&self, rows: Vec<Row>) {
        let rows = rows.into_iter().map(|row| (row.id, (row, Record::default())));
        self.state().rows.extend(rows);
    }

    /// Adds a row later.
    pub fn insert_at(&self, at_ms: u64, row: Row) {
        let world = self.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(at_ms)).await;
            world.log(format_args!("a transaction commits event {}", row.id));
            world.insert(vec![row]);
        });
    }

    /// A token that is cancelled at this moment.
    pub fn stop_at(&self, at_ms: u64) -> CancellationToken {
        let (world, stop) = (self.clone(), CancellationToken::new());
        tokio::spawn({
            let stop = stop.clone();
            async move {
                sleep(Duration::from_millis(at_ms)).await;
                world.log("the test cancels `stop`");
                stop.cancel();
            }
        });
        stop
    }

    /// Runs your relay to its end. Returns its report, and when it returned.
    pub async fn run(&self, settings: Settings, stop: CancellationToken) -> (Report, u64) {
        let running = relay::run(Arc::new(self.clone()), Arc::new(self.clone()), settings, stop);
        let report = timeout(HOUR, running).await.ok();
        self.log(if report.is_some() { "`run` returns" } else { "`run` has not returned after an hour" });
        let returned_at = self.now();
        sleep(HOUR).await; // what is left behind shows itself now
        self.expect_rules_are_kept();
        self.expect(report.is_some(), "`run` did not return within an hour of virtual time");
        (report.expect("it has returned"), returned_at)
    }

    pub fn record(&self, id: u64) -> Record {
        self.state().rows[&id].1.clone()
    }

    pub fn ids(&self) -> Vec<u64> {
        self.state().rows.keys().copied().collect()
    }

    pub fn in_flight_peak(&self) -> usize {
        self.state().in_flight_peak
    }

    pub fn out_peak(&self) -> usize {
        self.state().out_peak
    }

    /// When each query began.
    pub fn queries(&self) -> Vec<u64> {
        self.state().queries.clone()
    }

    /// Fails with this sentence, and with the story.
    #[track_caller]
    pub fn expect(&self, holds: bool, said: impl Display) {
        if !holds {
            panic!("{said}\n\n{}", self.story());
        }
    }

    /// Every event was confirmed once and marked as sent.
    #[track_caller]
    pub fn expect_all_sent(&self, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            let record = self.record(id);
            self.expect(!record.begun.is_empty(), format_args!("event {id} was never published"));
            let sent = record.is_sent();
            self.expect(sent, format_args!("event {id} was published, but not marked as sent"));
        }
    }

    #[track_caller]
    pub fn expect_failed(&self, id: u64, reason: &str) {
        let marked = self.record(id).marked.map(|(_, mark)| mark);
        let said = match &marked {
            Some(Mark::Failed(said)) => said.as_str(),
            _ => "",
        };
        self.expect(
            matches!(marked, Some(Mark::Failed(_))),
            format_args!("event {id} cannot be published, but was not marked as failed"),
        );
        let told = said.contains(reason);
        self.expect(
            told,
            format_args!(
                "event {id} was marked as failed with the reason {said:?}, which does not contain {reason:?}"
            ),
        );
    }

    #[track_caller]
    fn expect_rules_are_kept(&self) {
        let wrong = self.state().wrong.first().cloned();
        self.expect(wrong.is_none(), wrong.unwrap_or_default());
    }

    /// The beginning of what happened, in order.
    fn story(&self) -> String {
        let state = self.state();
        let lines: Vec<&str> = state.story.iter().take(60).map(String::as_str).collect();
        let more = match state.story.len() - lines.len() {
            0 => String::new(),
            more => format!("\n  … and {more} more"),
        };
        format!("What happened:\n{}{more}\n", lines.join("\n"))
    }

    pub fn now(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_millis()).expect("a test is shorter than an aeon")
    }

    pub fn log(&self, what: impl Display) {
        let line = format!("  [{:>6} ms] {what}", self.now());
        self.state().story.push(line);
    }

    fn wrong(&self, what: String) {
        self.log(format_args!("WRONG: {what}"));
        self.state().wrong.push(what);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the world does not panic while it is locked")
    }
}

/// Settings that limit nothing; each milestone sets what it is about.
pub fn settings() -> Settings {
    Settings {
        when_empty: WhenEmpty::Return,
        deadline: Duration::from_secs(20),
        in_flight_max: 100,
        attempts_max: 1,
        backoff: Duration::from_millis(100),
    }
}
