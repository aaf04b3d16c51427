//! The scenes that `main` runs and the book shows. On the real clock they take less than 5 s.

use shared::Story;

use crate::keys::{by_key, four_changes};
use crate::workers::{SLOTS, WORKERS, orders, pull};
use crate::{review, schedule, topic, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 27: queue groups")
        .scene("every-worker", "Wrong: three workers subscribe, and each charges every order", |journal| {
            wrong::every_worker(orders(3), &WORKERS, journal)
        })
        .scene("deal", "Wrong: orders are dealt in turn, also to a slow worker", |journal| {
            wrong::deal(orders(6), &WORKERS, SLOTS, journal)
        })
        .scene("pull", "Right: a worker takes the next order when it is free", |journal| {
            pull(orders(6), &WORKERS, journal)
        })
        .scene("topic", "Right: each subscriber gets every order, a group gets it once", |journal| {
            topic::shop(orders(3), journal)
        })
        .scene("filtered-by-member", "Wrong: a member takes an order, and then asks its filter", |journal| {
            wrong::filtered_by_member(journal)
        })
        .scene("filtered-by-group", "Right: the filter decides which group gets the order", |journal| {
            review::filtered_by_group(journal)
        })
        .scene("any-member", "Wrong: any member writes any change", |journal| {
            wrong::any_member(four_changes(), journal)
        })
        .scene("by-key", "Right: one member writes all changes of an order", |journal| {
            by_key(four_changes(), journal)
        })
        .claims(schedule::claims())
}
