//! The same ideas gone wrong. `tests/lesson.rs` proves what each does: it connects for nothing, ends, or mixes two versions.

use std::error::Error;
use std::io;

use shared::{Journal, Pace};
use tokio::sync::watch;
use tokio::time::{interval, sleep};

use crate::config::Config;
use crate::relay::CONNECT_TAKES;
use crate::reload::EVERY;

/// Wakes every reader every 30 s: `send` tells them, whether or not the value is another.
// ANCHOR: send-always
pub async fn send_always<R: Future<Output = io::Result<String>>>(
    read: impl Fn() -> R,
    config: watch::Sender<Config>,
    journal: Journal,
    pace: Pace,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut next_look = interval(pace.of(EVERY));
    next_look.tick().await;
    loop {
        next_look.tick().await;
        let new: Config = read().await?.parse()?;
        config.send(new)?;
        journal.log("reload", "sends what it has read");
    }
}
// ANCHOR_END: send-always

/// Ends at the first bad file: the readers see that their sender is gone, and nobody looks at the file again.
// ANCHOR: first-error
pub async fn first_error<R: Future<Output = io::Result<String>>>(
    read: impl Fn() -> R,
    config: watch::Sender<Config>,
    journal: Journal,
    pace: Pace,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut next_look = interval(pace.of(EVERY));
    next_look.tick().await;
    loop {
        next_look.tick().await;
        let new: Config = read().await?.parse()?; // and `config` is dropped
        config.send_if_modified(|current| {
            let changed = *current != new;
            *current = new;
            changed
        });
        journal.log("reload", "has read the file");
    }
}
// ANCHOR_END: first-error

/// Mixes two versions: it looks once for the broker, and once more for the size of its batches.
// ANCHOR: two-looks
pub async fn two_looks(mut config: watch::Receiver<Config>, journal: Journal, pace: Pace) {
    loop {
        let broker = config.borrow_and_update().broker.clone();
        journal.log("relay", format_args!("connects to {broker}"));
        sleep(pace.of(CONNECT_TAKES)).await;
        let batch_size = config.borrow_and_update().batch_size; // of which configuration?
        journal.log("relay", format_args!("publishes batches of {batch_size} to {broker}"));
        if config.changed().await.is_err() {
            break;
        }
    }
    journal.log("relay", "ends: nobody reloads any more");
}
// ANCHOR_END: two-looks
