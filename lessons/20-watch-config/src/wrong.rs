//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: it reconnects for nothing, ends, mixes two versions, or
//! blocks a thread.

use std::error::Error;
use std::io;

use shared::{Journal, Pace};
use tokio::sync::watch;
use tokio::time::{interval, sleep};

use crate::config::Config;
use crate::relay::CONNECT_TAKES;
use crate::reload::EVERY;

/// Wakes every reader every 30 s: `send` notifies them whether or not the value is different.
// ANCHOR: send-always
pub async fn send_always<R: Future<Output = io::Result<String>>>(
    read: impl Fn() -> R,
    config: watch::Sender<Config>,
    journal: Journal,
    pace: Pace,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut next_check = interval(pace.of(EVERY));
    next_check.tick().await;
    loop {
        next_check.tick().await;
        let new: Config = read().await?.parse()?;
        config.send(new)?;
        journal.log("reload", "sends what it read");
    }
}
// ANCHOR_END: send-always

/// Ends at the first bad file: the sender is dropped, and the file is never checked again.
// ANCHOR: first-error
pub async fn first_error<R: Future<Output = io::Result<String>>>(
    read: impl Fn() -> R,
    config: watch::Sender<Config>,
    journal: Journal,
    pace: Pace,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut next_check = interval(pace.of(EVERY));
    next_check.tick().await;
    loop {
        next_check.tick().await;
        let new: Config = read().await?.parse()?; // on an error, `config` is dropped
        config.send_if_modified(|current| {
            let changed = *current != new;
            *current = new;
            changed
        });
        journal.log("reload", "read the file");
    }
}
// ANCHOR_END: first-error

/// Mixes two versions: it reads the broker, and later, in a second read, the batch size.
// ANCHOR: two-reads
pub async fn two_reads(mut config: watch::Receiver<Config>, journal: Journal, pace: Pace) {
    loop {
        let broker = config.borrow_and_update().broker.clone();
        journal.log("relay", format_args!("connects to {broker}"));
        sleep(pace.of(CONNECT_TAKES)).await;
        let batch_size = config.borrow_and_update().batch_size; // from which configuration?
        journal.log("relay", format_args!("publishes batches of {batch_size} to {broker}"));
        if config.changed().await.is_err() {
            break;
        }
    }
    journal.log("relay", "ends: no sender is left");
}
// ANCHOR_END: two-reads

/// Blocks the thread that sends: the borrow holds a read lock while the relay connects.
// ANCHOR: keeps-the-borrow
pub async fn keeps_the_borrow(mut config: watch::Receiver<Config>, journal: Journal, pace: Pace) {
    loop {
        let current = config.borrow_and_update(); // not cloned
        let Config { broker, batch_size } = &*current;
        journal.log("relay", format_args!("connects to {broker}"));
        sleep(pace.of(CONNECT_TAKES)).await;
        journal.log("relay", format_args!("publishes batches of {batch_size} to {broker}"));
        drop(current);
        if config.changed().await.is_err() {
            break;
        }
    }
    journal.log("relay", "ends: no sender is left");
}
// ANCHOR_END: keeps-the-borrow
