//! What the patterns wait for: a service that answers, and an event that is published. Both log it when they are dropped.

use std::fmt::{Debug, Display};
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// So many milliseconds.
pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Asks a service, which takes this long to answer.
pub async fn ask<T: Debug>(service: &str, takes_ms: u64, answer: T, journal: &Journal) -> T {
    let under_way = UnderWay::begin(service, "is asked", journal);
    sleep(ms(takes_ms)).await;
    under_way.end(format_args!("answers {answer:?}"));
    answer
}

/// Publishes an event, and returns its name when the broker has confirmed it. It borrows nothing, so it can be spawned.
pub async fn publish(event: &'static str, takes_ms: u64, journal: Journal) -> &'static str {
    let under_way = UnderWay::begin(event, "is sent", &journal);
    sleep(ms(takes_ms)).await;
    under_way.end("is confirmed");
    event
}

/// Logs a drop before the end.
struct UnderWay<'a> {
    task: &'a str,
    journal: &'a Journal,
    is_over: bool,
}

impl<'a> UnderWay<'a> {
    fn begin(task: &'a str, what: &str, journal: &'a Journal) -> Self {
        journal.log(task, what);
        Self { task, journal, is_over: false }
    }

    fn end(mut self, what: impl Display) {
        self.is_over = true;
        self.journal.log(self.task, what);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.journal.log(self.task, "is dropped");
        }
    }
}
