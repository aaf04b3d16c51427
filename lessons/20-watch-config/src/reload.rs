//! Looks at the file every 30 s. Readers are told when something has changed; a bad file changes nothing.

use std::io;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::watch;
use tokio::time::interval;

use crate::config::Config;

/// How often the file is looked at.
pub const EVERY: Duration = Duration::from_secs(30);

/// What a look at the file has brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    Changed,
    Same,
    /// Unreadable or wrong, with the reason. The old configuration stays.
    Bad(String),
}

/// Looks at the file until nobody reads the configuration any more. The first look is after 30 s: whoever starts a
/// service has read the file, and does not start it with a bad one.
// ANCHOR: reload
pub async fn reload<R: Future<Output = io::Result<String>>>(
    read: impl Fn() -> R,
    config: watch::Sender<Config>,
    journal: Journal,
    pace: Pace,
) {
    let mut next_look = interval(pace.of(EVERY));
    next_look.tick().await; // the first tick comes at once
    loop {
        // Both may be dropped: a tick that is not taken stays, and `closed` takes nothing.
        tokio::select! {
            _ = next_look.tick() => {}
            () = config.closed() => break,
        }
        match look(read().await, &config) {
            Look::Changed => journal.log("reload", "tells of a change"),
            Look::Same => journal.log("reload", "finds nothing new"),
            Look::Bad(problem) => journal.log("reload", format_args!("keeps the old one: {problem}")),
        }
    }
}
// ANCHOR_END: reload

/// Takes on what was read, if it is good.
// ANCHOR: look
pub fn look(text: io::Result<String>, config: &watch::Sender<Config>) -> Look {
    let new: Config = match text.map(|text| text.parse()) {
        Ok(Ok(new)) => new,
        Ok(Err(bad)) => return Look::Bad(bad.to_string()),
        Err(unreadable) => return Look::Bad(unreadable.to_string()),
    };
    let changed = config.send_if_modified(|current| {
        let changed = *current != new;
        *current = new;
        changed // whether to wake the readers
    });
    if changed { Look::Changed } else { Look::Same }
}
// ANCHOR_END: look
