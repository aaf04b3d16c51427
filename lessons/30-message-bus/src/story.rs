//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::Story;
use tokio::time::timeout;

use crate::board::SHOP_IS_SLOW;
use crate::{board, calls, relay, schedule, shop, slow, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 30: a message bus")
        .scene("direct-calls", "Wrong: the order service calls everybody", wrong::direct_calls)
        .scene("through-the-bus", "Right: a bus between them", calls::through_the_bus)
        .scene("locked", "Wrong: the lock is held across a send", wrong::locked)
        .scene("waiting", "Wrong: the actor waits for a subscriber", wrong::waiting)
        .scene("never-waits", "Right: the slow subscriber misses a message, and is told", slow::one_drops_out)
        .scene("never-run", "Wrong: the actor is not spawned", |journal| async move {
            if timeout(Duration::from_millis(300), wrong::never_run(journal.clone())).await.is_err() {
                journal.log("story", "stops watching; the shop is still waiting");
            }
        })
        .scene("last-is-newest", "Wrong: the last message on a topic is taken for the newest", |journal| {
            wrong::last_is_newest(SHOP_IS_SLOW, journal)
        })
        .scene("highest-version", "Right: the highest version", |journal| {
            board::highest_version(SHOP_IS_SLOW, journal)
        })
        .scene("marks-queued", "Wrong: a row is marked when its message is queued", |journal| {
            relay::two_polls(journal, wrong::marks_queued)
        })
        .scene("reads-receipts", "Right: the relay reads its receipts", relay::reads_receipts)
        .scene("shop", "All of it: patterns, a filter, a group, unsubscribe, statistics", shop::shop)
        .claims(schedule::claims())
}
