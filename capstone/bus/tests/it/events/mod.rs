//! What typed events promise. Here: an event, and a journal of when its handlers began and ended.

mod actors;
mod batch;
#[cfg(feature = "bridge")]
mod bridge;
mod cancel;
#[cfg(feature = "derive")]
mod derive;
mod emit;
mod forget;
mod limits;
mod middleware;
mod nested;
mod panics;
mod registration;
mod retry;
mod stats;
mod stress;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_bus::events::{EmitReport, Event, Handler, HandlerError, RetryPolicy};
use tokio::time::sleep;

use crate::support::{Clock, ms};

/// An event with a number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tick(pub(crate) u64);

impl Event for Tick {
    const TOPIC: &'static str = "ticks";
}

/// Attempts with pauses that a test can foretell.
pub(crate) fn attempts(attempts_max: u32, base: Duration) -> RetryPolicy {
    RetryPolicy::attempts(attempts_max).base(base).without_jitter()
}

/// What happened, each line with the millisecond at which it did.
#[derive(Clone)]
pub(crate) struct Journal {
    clock: Arc<Clock>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Journal {
    pub(crate) fn start() -> Self {
        Self { clock: Arc::new(Clock::start()), lines: Arc::default() }
    }

    pub(crate) fn note(&self, text: impl AsRef<str>) {
        let line = format!("{} {}", self.clock.ms(), text.as_ref());
        self.lines.lock().expect("no panic while noting").push(line);
    }

    /// Everything since the last time.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().expect("no panic while noting"))
    }

    /// A handler that takes its time, and notes when it begins and ends: `0 a1 begins`, `10 a1 ends`.
    pub(crate) fn handler(&self, name: &'static str, takes_ms: u64) -> impl Handler<Tick, ()> {
        let journal = self.clone();
        move |tick: Arc<Tick>| {
            let journal = journal.clone();
            async move {
                journal.note(format!("{name}{} begins", tick.0));
                sleep(ms(takes_ms)).await;
                journal.note(format!("{name}{} ends", tick.0));
            }
        }
    }

    /// A handler that notes that it was called, and ends at once.
    pub(crate) fn notes(&self, name: &'static str) -> impl Handler<Tick, ()> {
        let journal = self.clone();
        move |tick: Arc<Tick>| {
            journal.note(format!("{name}{}", tick.0));
            async {}
        }
    }

    /// A handler that notes that it was called, and fails.
    pub(crate) fn fails(&self, name: &'static str) -> impl Handler<Tick, Result<(), HandlerError>> {
        let journal = self.clone();
        move |tick: Arc<Tick>| {
            journal.note(format!("{name}{}", tick.0));
            async { Err("no".into()) }
        }
    }
}

/// The outcomes in words.
pub(crate) fn outcomes(report: &EmitReport) -> Vec<String> {
    report.outcomes().map(ToString::to_string).collect()
}
