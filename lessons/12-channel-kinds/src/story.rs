//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use shared::Story;

use crate::{announce, answer, latest, memory, schedule, waiting, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 12: channel kinds")
        .hurried_scene("ends-on-lag", "Wrong: a subscriber takes lagging for the end", 5, wrong::ends_on_lag)
        .hurried_scene(
            "two-subscribers",
            "Right: it counts what it missed and continues",
            5,
            announce::two_subscribers,
        )
        .scene(
            "first-answer",
            "Wrong: the first answer to arrive belongs to another caller",
            wrong::first_answer,
        )
        .scene("own-answer", "Right: each request carries the sender of its answer", answer::own_answer)
        .scene("events-through-watch", "Wrong: events sent through a watch", wrong::events_through_watch)
        .scene("settings", "Right: a watch holds what is true now", latest::settings)
        .hurried_scene("unbounded", "Wrong: an unbounded queue", 25, |journal, pace| {
            wrong::unbounded(10, journal, pace)
        })
        .hurried_scene("bounded", "Right: a queue with a capacity of 1,000", 25, |journal, pace| {
            memory::bounded(10, journal, pace)
        })
        .scene("std-channel", "Wrong: std's channel blocks the thread", wrong::std_channel)
        .scene("tokio-channel", "Right: the task waits, its thread runs others", waiting::tokio_channel)
        .claims(schedule::claims())
}
