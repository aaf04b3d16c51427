//! The scenes that `main` tells and that the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::time::timeout;

use crate::{capacity, producers, relay, sending, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 11: channels")
        .scene("kept-sender", "Wrong: a sender is kept, and the consumer waits for it", kept_sender)
        .scene(
            "two-producers",
            "Right: the last sender is dropped, and the channel ends",
            producers::two_producers,
        )
        .scene("fourth-send", "Backpressure: three places, and the fourth send waits", capacity::fourth_send)
        .scene("give-up-on-send", "Wrong: a cancelled send loses its event", wrong::give_up_on_send)
        .scene("reserve-then-send", "Right: reserve a place first, then send", sending::reserve_then_send)
        .hurried_scene("one-loop", "Wrong: one loop finds the work and does it", 40, wrong::one_loop)
        .hurried_scene(
            "three-workers",
            "Right: a poller finds, three workers publish",
            40,
            |journal, pace| relay::relay(3, journal, pace),
        )
}

/// The wrong version never ends, so the story stops watching after 2 s.
async fn kept_sender(journal: Journal) {
    let patience = Duration::from_secs(2);
    if timeout(patience, wrong::kept_sender(journal.clone())).await.is_err() {
        journal.log("story", "stops watching, the rest still waits");
    }
}
