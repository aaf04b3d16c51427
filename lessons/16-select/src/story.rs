//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s in all.

use std::time::Duration;

use shared::{Journal, Pace, Story};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::{batch, both, frames, patience, race, relay, schedule, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 16: select")
        .scene("lost-in-the-loop", "Wrong: a branch receives, and then awaits", lost_in_the_loop)
        .scene(
            "received-then-handled",
            "Right: the branch receives, the handler works",
            received_then_handled,
        )
        .scene("fastest", "The first to finish wins", fastest)
        .scene("both", "A branch whose future has finished is disabled", both)
        .scene("never-ends", "Wrong: a closed channel only disables its branch", never_ends)
        .hurried_scene("idle-timer", "Wrong: the deadline restarts in each iteration", 100, idle_timer)
        .hurried_scene("deadline", "Right: the deadline is computed once", 100, deadline)
        .scene("starts-again", "Wrong: each iteration starts the publish again", starts_again)
        .scene("wait-for-one", "Right: each iteration waits for the same publish", wait_for_one)
        .scene("half-a-frame", "Wrong: half a frame is dropped", half_a_frame)
        .scene("whole-frames", "Right: the bytes of an unfinished frame are kept", whole_frames)
        .claims(schedule::claims())
}

async fn lost_in_the_loop(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    tokio::join!(relay::send_three(tx, journal.clone()), wrong::lost_in_the_loop(rx, journal));
}

async fn received_then_handled(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    tokio::join!(relay::send_three(tx, journal.clone()), relay::relay(rx, journal));
}

async fn fastest(journal: Journal) {
    journal.log("main", "asks two mirrors");
    let mirror = race::fastest(&journal).await;
    journal.log("main", format_args!("has the file from {mirror}"));
}

async fn both(journal: Journal) {
    journal.log("main", "asks two mirrors");
    both::both(&journal).await;
}

/// The wrong version never ends, so the story stops watching.
async fn never_ends(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let both = async {
        tokio::join!(relay::send_three(tx, journal.clone()), wrong::never_ends(rx, journal.clone()))
    };
    if timeout(Duration::from_millis(550), both).await.is_err() {
        journal.log("story", "stops watching: the relay is still running");
    }
}

async fn idle_timer(journal: Journal, pace: Pace) {
    let (tx, rx) = mpsc::channel(3);
    let sending = tokio::spawn(batch::send_every_20_s(tx, pace));
    wrong::idle_timer(rx, journal, pace).await;
    sending.abort();
}

async fn deadline(journal: Journal, pace: Pace) {
    let (tx, rx) = mpsc::channel(3);
    let sending = tokio::spawn(batch::send_every_20_s(tx, pace));
    batch::collect(rx, journal, pace).await;
    sending.abort();
}

/// The wrong version never ends either.
async fn starts_again(journal: Journal) {
    if timeout(Duration::from_millis(350), wrong::starts_again(&journal)).await.is_err() {
        journal.log("story", "stops watching: the relay is still publishing");
    }
}

async fn wait_for_one(journal: Journal) {
    patience::wait_for_one(&journal).await;
}

async fn half_a_frame(journal: Journal) {
    if let Err(error) = wrong::half_a_frame(frames::in_pieces(), &journal).await {
        journal.log("listener", format_args!("Error: {error}"));
    }
}

async fn whole_frames(journal: Journal) {
    frames::listen(frames::in_pieces(), &journal).await.expect("the connection ends after a frame");
    journal.log("listener", "ends with the connection");
}
