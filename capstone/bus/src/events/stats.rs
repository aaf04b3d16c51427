//! [`EventsStats`]: what was counted, handler by handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Outcome;
use super::slot::Slot;
use crate::base::counter::Counter;

/// The counters of a registry at one moment. Each is exact; they are read one after another, not all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventsStats {
    /// Events that were emitted and forgotten, and are not finished.
    pub forgotten: usize,
    /// The handlers, in order of registration.
    pub handlers: Vec<HandlerStats>,
}

/// The counters of one handler.
///
/// Every event that was emitted while it was registered is in exactly one of `succeeded`, `failed`, `panicked`,
/// `timed_out`, `skipped`, `cancelled` and `running`; `waiting` is a part of `running`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandlerStats {
    /// Its name.
    pub handler: Arc<str>,
    /// The topic of its events.
    pub topic: &'static str,
    /// Its class.
    pub priority: i32,
    /// How often it was called, retries counted.
    pub calls: u64,
    /// How long its calls took together.
    pub busy: Duration,
    /// How long its longest call took.
    pub longest: Duration,
    /// Events that it returned from without an error.
    pub succeeded: u64,
    /// Events that it finally failed on, or that a limit refused.
    pub failed: u64,
    /// Events that it finally panicked on.
    pub panicked: u64,
    /// Events that it finally had no time for.
    pub timed_out: u64,
    /// Events that it was not called for.
    pub skipped: u64,
    /// Events whose emission was dropped before the handler had ended.
    pub cancelled: u64,
    /// Events under way.
    pub running: u64,
    /// Emissions that wait for a turn now.
    pub waiting: usize,
    /// Events put away as dead letters.
    pub dead_letters: u64,
    /// Dead letters that could not be put away.
    pub dead_letters_lost: u64,
}

/// What a handler counts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    calls: Counter,
    busy_ns: AtomicU64,
    longest_ns: AtomicU64,
    begun: Counter,
    succeeded: Counter,
    failed: Counter,
    panicked: Counter,
    timed_out: Counter,
    skipped: Counter,
    cancelled: Counter,
    pub(crate) dead_letters: Counter,
    pub(crate) dead_letters_lost: Counter,
}

/// One event under way; if it is dropped without an outcome, it was cancelled.
pub(crate) struct Tally<'a> {
    counts: &'a Counts,
    settled: bool,
}

impl Counts {
    pub(crate) fn begin(&self) -> Tally<'_> {
        self.begun.add_one();
        Tally { counts: self, settled: false }
    }

    pub(crate) fn called(&self, took: Duration) {
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.calls.add_one();
        self.busy_ns.fetch_add(took_ns, Ordering::Relaxed);
        self.longest_ns.fetch_max(took_ns, Ordering::Relaxed);
    }
}

impl Tally<'_> {
    pub(crate) fn settle(mut self, outcome: &Outcome) {
        self.settled = true;
        match outcome {
            Outcome::Ok => self.counts.succeeded.add_one(),
            Outcome::Err(_) => self.counts.failed.add_one(),
            Outcome::Panicked(_) => self.counts.panicked.add_one(),
            Outcome::TimedOut => self.counts.timed_out.add_one(),
            Outcome::Skipped(_) => self.counts.skipped.add_one(),
        }
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.counts.cancelled.add_one();
        }
    }
}

impl HandlerStats {
    pub(crate) fn of(slot: &Slot) -> Self {
        let counts = &slot.counts;
        // In this order, so that an event that ends meanwhile is not counted as less than nothing.
        let ended = [
            &counts.succeeded,
            &counts.failed,
            &counts.panicked,
            &counts.timed_out,
            &counts.skipped,
            &counts.cancelled,
        ];
        let [succeeded, failed, panicked, timed_out, skipped, cancelled] = ended.map(Counter::get);
        let ended = succeeded + failed + panicked + timed_out + skipped + cancelled;
        Self {
            handler: Arc::clone(&slot.options.name),
            topic: slot.topic,
            priority: slot.options.priority,
            calls: counts.calls.get(),
            busy: Duration::from_nanos(counts.busy_ns.load(Ordering::Relaxed)),
            longest: Duration::from_nanos(counts.longest_ns.load(Ordering::Relaxed)),
            succeeded,
            failed,
            panicked,
            timed_out,
            skipped,
            cancelled,
            running: counts.begun.get().saturating_sub(ended),
            waiting: slot.options.line.waiting(),
            dead_letters: counts.dead_letters.get(),
            dead_letters_lost: counts.dead_letters_lost.get(),
        }
    }
}
