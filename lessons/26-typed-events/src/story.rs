//! The scenes that `main` plays and that the book shows. On the real clock they take less than 5 s.

use shared::Story;

use crate::upload::Memory;
use crate::{import, limits, order, parcel, pipeline, points, sharing, shipping, upload, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 26: typed events")
        .scene("one-after-another", "Wrong: one handler after another", wrong::one_after_another)
        .scene("all-at-once", "Right: all handlers at once, an outcome for each", order::all_at_once)
        .scene("sequential", "A batch, one event after another", parcel::sequential)
        .scene("concurrent", "A batch, two events at a time", parcel::concurrent)
        .scene("forgotten", "Emitted and forgotten, with room for two", parcel::forgotten)
        .scene("two-of-three-fail", "Three operations inside a handler", shipping::two_of_three_fail)
        .scene("first-error", "A stream inside a handler stops at the first error", import::first_error)
        .scene("two-at-once", "At most two calls at once", limits::two_at_once)
        .hurried_scene("three-a-minute", "At most three calls a minute", 200, limits::three_a_minute)
        .scene("overlap", "Wrong: two calls for one customer overlap", wrong::overlap)
        .scene("actors", "Right: one actor for each customer", points::actors)
        .scene("pipeline", "A handler that parses, computes and emits", pipeline::two_lines)
        .scene("three-clients", "Wrong: a client for each event", wrong::three_clients)
        .scene("one-client", "Right: one client for all events", sharing::one_client)
        .scene("borrowed-chunks", "Wrong: a chunk is dropped, and nothing is freed", |journal| {
            wrong::borrowed_chunks(Memory::default(), journal)
        })
        .scene("one-buffer", "Right: one buffer for all pieces", upload::one_buffer)
}
