//! The scenes that `main` runs and the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Pace, Story};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::config::Config;
use crate::file::File;
use crate::relay::relay;
use crate::reload::reload;
use crate::wrong;

/// Two edits between two checks.
pub const TWO_EDITS: &[(u64, &str)] = &[(35, "200"), (50, "300")];
/// A typo, and its correction.
pub const A_TYPO: &[(u64, &str)] = &[(35, "many"), (65, "200")];

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 20: hot reload")
        .hurried_scene(
            "send-always",
            "Wrong: sent every 30 s, whether or not it has changed",
            200,
            send_always,
        )
        .hurried_scene("only-changes", "Right: sent only when it has changed", 200, |journal, pace| {
            reloaded(TWO_EDITS, 100, journal, pace)
        })
        .hurried_scene(
            "first-error",
            "Wrong: a typo ends the reload loop, and with it the relay",
            200,
            first_error,
        )
        .hurried_scene("keeps-the-old", "Right: a bad file changes nothing", 200, |journal, pace| {
            reloaded(A_TYPO, 100, journal, pace)
        })
        .hurried_scene(
            "two-reads",
            "Wrong: half of the old and half of the new",
            20,
            |journal, pace| async move {
                let (operator, config) = watch::channel(one_hundred());
                tokio::join!(
                    changes(operator, journal.clone(), pace),
                    wrong::two_reads(config, journal, pace)
                );
            },
        )
        .hurried_scene(
            "one-read",
            "Right: one complete configuration, then the next",
            20,
            |journal, pace| async move {
                let (operator, config) = watch::channel(one_hundred());
                tokio::join!(changes(operator, journal.clone(), pace), relay(config, journal, pace));
            },
        )
}

/// What the file holds at the start.
pub fn one_hundred() -> Config {
    Config { broker: "broker-1".to_owned(), batch_size: 100 }
}

/// A relay, a file that is edited, and the task that reloads it, for this many seconds.
pub async fn reloaded(edits: &'static [(u64, &'static str)], seconds: u64, journal: Journal, pace: Pace) {
    let (file, (tx, rx)) = (File::new("100"), watch::channel(one_hundred()));
    let all = async {
        tokio::join!(
            file.clone().edit(edits, journal.clone(), pace),
            reload(|| file.read(), tx, journal.clone(), pace),
            relay(rx, journal.clone(), pace),
        );
    };
    timeout(pace.of(Duration::from_secs(seconds)), all).await.ok(); // a service would continue
}

/// A relay, and a file that is not edited.
pub async fn send_always(journal: Journal, pace: Pace) {
    let (file, (tx, rx)) = (File::new("100"), watch::channel(one_hundred()));
    let all = async {
        let sending = wrong::send_always(|| file.read(), tx, journal.clone(), pace);
        let (sent, ()) = tokio::join!(sending, relay(rx, journal.clone(), pace));
        sent.expect("the file is good");
    };
    timeout(pace.of(Duration::from_secs(100)), all).await.ok();
}

/// A relay, and a file with a typo.
pub async fn first_error(journal: Journal, pace: Pace) {
    let (file, (tx, rx)) = (File::new("100"), watch::channel(one_hundred()));
    let reloading = async {
        if let Err(error) = wrong::first_error(|| file.read(), tx, journal.clone(), pace).await {
            journal.log("reload", format_args!("ends: {error}"));
        }
    };
    let editing = file.clone().edit(A_TYPO, journal.clone(), pace);
    tokio::join!(editing, reloading, relay(rx, journal.clone(), pace));
}

/// An operator switches to another broker, which accepts larger batches.
async fn changes(config: watch::Sender<Config>, journal: Journal, pace: Pace) {
    sleep(pace.of(Duration::from_secs(1))).await;
    journal.log("operator", "switches to broker-2 and batches of 500");
    config.send_replace(Config { broker: "broker-2".to_owned(), batch_size: 500 });
    sleep(pace.of(Duration::from_secs(4))).await;
}
