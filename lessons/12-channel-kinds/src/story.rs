//! The scenes that `main` tells and that the book shows. On the real clock they take less than 5 s.

use shared::Story;

use crate::{announce, answer, latest, memory, waiting, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 12: channel kinds")
        .hurried_scene(
            "ends-when-late",
            "Wrong: a subscriber takes being late for the end",
            5,
            wrong::ends_when_late,
        )
        .hurried_scene(
            "two-subscribers",
            "Right: it counts what it missed, and goes on",
            5,
            announce::two_subscribers,
        )
        .scene("first-answer", "Wrong: the first answer that comes is somebody else's", wrong::first_answer)
        .scene("own-answer", "Right: each request carries the way back", answer::own_answer)
        .scene("events-through-watch", "Wrong: events through a watch", wrong::events_through_watch)
        .scene("settings", "Right: a watch holds what is true now", latest::settings)
        .hurried_scene("unbounded", "Wrong: a queue without an end", 25, |journal, pace| {
            wrong::unbounded(10, journal, pace)
        })
        .hurried_scene("bounded", "Right: a queue of 1,000 places", 25, |journal, pace| {
            memory::bounded(10, journal, pace)
        })
        .scene("std-channel", "Wrong: std's channel blocks the thread", wrong::std_channel)
        .scene("tokio-channel", "Right: the task waits, and its thread goes on", waiting::tokio_channel)
}
