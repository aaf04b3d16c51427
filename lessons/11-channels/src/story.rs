//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::time::timeout;

use crate::{capacity, producers, relay, schedule, sending, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 11: channels")
        .scene("kept-sender", "Wrong: a sender is kept alive, and the consumer hangs", kept_sender)
        .scene(
            "two-producers",
            "Right: the last sender is dropped, and the channel ends",
            producers::two_producers,
        )
        .scene(
            "fourth-send",
            "Backpressure: with a capacity of three, the fourth send waits",
            capacity::fourth_send,
        )
        .scene("give-up-on-send", "Wrong: a cancelled send loses its event", wrong::give_up_on_send)
        .scene("reserve-then-send", "Right: reserve a slot first, then send", sending::reserve_then_send)
        .hurried_scene("one-loop", "Wrong: one loop finds the work and does it", 40, wrong::one_loop)
        .hurried_scene(
            "three-workers",
            "Right: a poller finds the work, three workers do it",
            40,
            |journal, pace| relay::relay(3, journal, pace),
        )
        .claims(schedule::claims())
}

/// The wrong version never ends, so the scene is cut off after 2 s.
async fn kept_sender(journal: Journal) {
    let patience = Duration::from_secs(2);
    if timeout(patience, wrong::kept_sender(journal.clone())).await.is_err() {
        journal.log("story", "stops watching; main and the consumer still wait");
    }
}
