//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use shared::Story;

use crate::{blocking, publish, tasks, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 10: before the first channel")
        .scene(
            "forgotten-await",
            "Wrong: the await is forgotten, and nothing is sent",
            wrong::forgotten_await,
        )
        .scene("made-then-awaited", "A future does nothing until it is awaited", publish::made_then_awaited)
        .scene("one-after-another", "Right, but slow: one after another", publish::one_after_another)
        .scene(
            "one-task-at-a-time",
            "Wrong: each task is awaited before the next is spawned",
            wrong::one_task_at_a_time,
        )
        .scene("at-once", "Right: spawn all, then await all", tasks::at_once)
        .scene("left-behind", "Wrong: nobody awaits the task", wrong::left_behind)
        .scene("blocked", "Wrong: a task blocks its thread, and the heartbeat stops", |journal| {
            blocking::beside_a_heartbeat(wrong::rest(), journal)
        })
        .scene("rest", "Right: the task waits, and its thread runs the heartbeat", |journal| {
            blocking::beside_a_heartbeat(blocking::rest(), journal)
        })
}
