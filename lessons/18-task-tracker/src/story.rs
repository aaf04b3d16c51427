//! The scenes that `main` runs and the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::Broker::{Confirms, PanicsFor, SilentFor};
use crate::{service, watched, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 18: task tracker")
        .scene("returns-at-once", "Wrong: it returns as soon as it is asked to stop", |journal| {
            wrong::returns_at_once(asked_to_stop(&journal), Confirms, journal)
        })
        .scene("one-token", "Wrong: one token stops everything at once", |journal| {
            wrong::one_token(asked_to_stop(&journal), Confirms, journal)
        })
        .scene("drained", "Right: each part ends after the parts that use it", |journal| {
            service::run(asked_to_stop(&journal), Confirms, journal)
        })
        .scene("no-deadline", "Wrong: it waits for a broker that never answers", |journal| async move {
            let waiting = wrong::no_deadline(asked_to_stop(&journal), SilentFor(2), journal.clone());
            watch(waiting, Duration::from_secs(1), journal).await;
        })
        .scene("deadline", "Right: it waits up to 500 ms, then gives up", |journal| {
            service::run(asked_to_stop(&journal), SilentFor(2), journal)
        })
        .scene("never-closed", "Wrong: the tracker is never closed", |journal| async move {
            let waiting = wrong::never_closed(Confirms, journal.clone());
            watch(waiting, Duration::from_millis(500), journal).await;
        })
        .scene("silent-panic", "Wrong: a task panics, and nobody notices", |journal| {
            wrong::silent_panic(PanicsFor(2), journal)
        })
        .scene("watched", "Right: every task is awaited", |journal| watched::watched(PanicsFor(2), journal))
}

/// A token that an operator cancels after 150 ms.
pub fn asked_to_stop(journal: &Journal) -> CancellationToken {
    let (stop, journal) = (CancellationToken::new(), journal.clone());
    let asked = stop.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(150)).await;
        journal.log("operator", "asks the service to stop");
        asked.cancel();
    });
    stop
}

/// Some wrong versions never return, so the story stops watching them.
async fn watch(waiting: impl Future<Output = ()>, patience: Duration, journal: Journal) {
    if timeout(patience, waiting).await.is_err() {
        journal.log("story", "stops watching; main is still waiting");
    }
}
