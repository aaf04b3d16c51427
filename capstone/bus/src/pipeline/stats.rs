//! [`HandlerStats`]: what a handler has counted.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::base::counter::Counter;
use crate::pipeline::outcome::Outcome;

/// What a handler of topics or of events has counted. Each counter is exact; they are read one after another, not all at
/// once.
///
/// Each message that it took, and each event that was emitted while it was registered, is in exactly one of `handled`,
/// `failed`, `skipped`, `cut_off` and `running`; `waiting` is a part of `running`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandlerStats {
    /// What it succeeded on, at whichever attempt.
    pub handled: u64,
    /// What it has failed on for good, by error, panic or timeout, or a limit refused.
    pub failed: u64,
    /// What it was not called for, and that is no failure: its filter, its [rate](crate::RatePolicy::Drop), or a handler in
    /// front of it said so.
    pub skipped: u64,
    /// Messages that it had when it was stopped, and events whose emission was dropped before it had ended.
    pub cut_off: u64,
    /// What it has in hand now, pauses between two attempts included.
    pub running: usize,
    /// Of these, what waits for a turn, or with its first call for the rate.
    pub waiting: usize,
    /// How often it was called, all attempts counted.
    pub calls: u64,
    /// Calls beyond the first for a message or an event.
    pub retried: u64,
    /// Calls that ended in a panic, and further panics of what the application has in a message: of its errors and
    /// payloads, when they are dropped.
    pub panicked: u64,
    /// Calls that ran out of time.
    pub timed_out: u64,
    /// How long its calls took together.
    pub busy: Duration,
    /// How long its longest call took.
    pub longest: Duration,
    /// Dead letters that were put away.
    pub dead_letters: u64,
    /// Dead letters that could not be put away: nobody subscribed to them, or had a place for them.
    pub dead_letters_lost: u64,
}

/// What a handler counts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    running: AtomicUsize,
    handled: Counter,
    failed: Counter,
    skipped: Counter,
    cut_off: Counter,
    calls: Counter,
    retried: Counter,
    pub(crate) panicked: Counter,
    timed_out: Counter,
    busy_ns: AtomicU64,
    longest_ns: AtomicU64,
    pub(crate) dead_letters: Counter,
    pub(crate) dead_letters_lost: Counter,
}

impl Counts {
    /// The handler has something in hand.
    pub(crate) fn begin(&self) -> Tally<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Tally { counts: self, outcome: None }
    }

    /// A call of the handler has ended: the so-and-so-manieth for what it has in hand.
    pub(crate) fn called(&self, attempt: u32, took: Duration, outcome: &Outcome) {
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.calls.add_one();
        self.busy_ns.fetch_add(took_ns, Ordering::Relaxed);
        self.longest_ns.fetch_max(took_ns, Ordering::Relaxed);
        if attempt > 1 {
            self.retried.add_one();
        }
        match outcome {
            Outcome::Panicked(_) => self.panicked.add_one(),
            Outcome::TimedOut => self.timed_out.add_one(),
            _ => {}
        }
    }

    /// What is in hand.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    pub(crate) fn stats(&self, waiting: usize) -> HandlerStats {
        HandlerStats {
            handled: self.handled.get(),
            failed: self.failed.get(),
            skipped: self.skipped.get(),
            cut_off: self.cut_off.get(),
            running: self.running(),
            waiting,
            calls: self.calls.get(),
            retried: self.retried.get(),
            panicked: self.panicked.get(),
            timed_out: self.timed_out.get(),
            busy: Duration::from_nanos(self.busy_ns.load(Ordering::Relaxed)),
            longest: Duration::from_nanos(self.longest_ns.load(Ordering::Relaxed)),
            dead_letters: self.dead_letters.get(),
            dead_letters_lost: self.dead_letters_lost.get(),
        }
    }
}

/// Where something that the handler has in hand is counted in the end.
#[derive(Clone, Copy, Debug)]
enum Column {
    Handled,
    Failed,
    Skipped,
    CutOff,
}

impl Column {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::Handled,
            Outcome::Err(_) | Outcome::Panicked(_) | Outcome::TimedOut => Self::Failed,
            Outcome::Skipped(_) => Self::Skipped,
            Outcome::CutOff => Self::CutOff,
        }
    }
}

/// Something that the handler has in hand. Dropped without an outcome it has failed in a panic, or was cut off: with its
/// emission, or its runtime.
#[must_use = "it counts as settled when this is dropped"]
pub(crate) struct Tally<'a> {
    counts: &'a Counts,
    outcome: Option<Column>,
}

impl Tally<'_> {
    pub(crate) fn settle(mut self, outcome: &Outcome) {
        self.outcome = Some(Column::of(outcome));
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        let lost = if std::thread::panicking() { Column::Failed } else { Column::CutOff };
        let counter = match self.outcome.unwrap_or(lost) {
            Column::Handled => &self.counts.handled,
            Column::Failed => &self.counts.failed,
            Column::Skipped => &self.counts.skipped,
            Column::CutOff => &self.counts.cut_off,
        };
        counter.add_one();
        self.counts.running.fetch_sub(1, Ordering::Relaxed);
    }
}
