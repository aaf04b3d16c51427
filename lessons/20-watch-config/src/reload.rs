//! Checks the file every 30 s. Readers are notified when something has changed; a bad file changes nothing.

use std::io;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::watch;
use tokio::time::interval;

use crate::config::Config;

/// How often the file is checked.
pub const EVERY: Duration = Duration::from_secs(30);

/// The outcome of checking the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Check {
    Changed,
    Same,
    /// Unreadable or wrong, with the reason. The old configuration stays.
    Bad(String),
}

/// Checks the file until no reader is left. The first check is after 30 s: a service reads the file once at its start, and
/// does not start with a bad one.
// ANCHOR: reload
pub async fn reload<R: Future<Output = io::Result<String>>>(
    read: impl Fn() -> R,
    config: watch::Sender<Config>,
    journal: Journal,
    pace: Pace,
) {
    let mut next_check = interval(pace.of(EVERY));
    next_check.tick().await; // the first tick completes immediately
    loop {
        // Both branches are cancel safe: a dropped `tick` loses no tick, and `closed` consumes nothing.
        tokio::select! {
            _ = next_check.tick() => {}
            () = config.closed() => break,
        }
        match check(read().await, &config) {
            Check::Changed => journal.log("reload", "sends the change"),
            Check::Same => journal.log("reload", "finds no change"),
            Check::Bad(problem) => {
                journal.log("reload", format_args!("keeps the old configuration: {problem}"))
            }
        }
    }
}
// ANCHOR_END: reload

/// Applies what was read, if it is good.
// ANCHOR: check
pub fn check(text: io::Result<String>, config: &watch::Sender<Config>) -> Check {
    let new: Config = match text.map(|text| text.parse()) {
        Ok(Ok(new)) => new,
        Ok(Err(bad)) => return Check::Bad(bad.to_string()),
        Err(unreadable) => return Check::Bad(unreadable.to_string()),
    };
    let changed = config.send_if_modified(|current| {
        let changed = *current != new;
        *current = new;
        changed // whether to notify the readers
    });
    if changed { Check::Changed } else { Check::Same }
}
// ANCHOR_END: check
