//! The scenes that `main` runs and the book shows. On the real clock they take less than 5 s.

use shared::Story;

use crate::pool::five_events;
use crate::{pool, prices, sales, schedule, session, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 21: shared state")
        .scene("held-while-publishing", "Wrong: the guard lives for the whole loop body", |journal| {
            wrong::held_while_publishing(five_events(), journal)
        })
        .scene("held-while-taking", "Right: the guard lives while an event is taken", |journal| {
            pool::pool(five_events(), journal)
        })
        .scene("three-logins", "Wrong: checked under the lock, acted on after it", wrong::three_logins)
        .scene("one-login", "Right: the first logs in, the others wait for it", session::three_publishers)
        .scene(
            "shared-connection",
            "Wrong: a caller gives up while it holds the lock",
            wrong::shared_connection,
        )
        .scene("actor", "Right: an actor owns the connection", prices::actor)
        .scene("poisoned", "Wrong: a panic under a std lock", wrong::poisoned)
        .scene("not-poisoned", "Wrong: a panic under Tokio's lock", wrong::not_poisoned)
        .scene("priced-first", "Right: nothing panics under the lock", sales::priced_first)
        .claims(schedule::claims())
}
