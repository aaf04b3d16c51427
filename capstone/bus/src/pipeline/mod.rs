//! What both kinds of handlers can be told, and what that does to a call.
//!
//! A handler of topics and one of events differ in how they come to their work: the one takes messages out of a mailbox,
//! the other is called by who emits. From there on they are the same, and [`Pipeline`](pipeline::Pipeline) is that part.
//!
//! ```text
//!  handler/worker.rs: a message ─┐                              each attempt
//!                                ├─► filter ─► turn ─► ( rate ─► timeout ─► middleware ─► handler ) ─► outcome ─► dead letter
//!  events/slot.rs:    an event ──┘                        ▲                                   │
//!                                                         └───── pause of the retry policy ◄──┘ failed
//! ```

pub(crate) mod dead_letter;
pub(crate) mod error;
pub(crate) mod failure;
pub(crate) mod filter;
pub(crate) mod interrupt;
pub(crate) mod middleware;
pub(crate) mod options;
pub(crate) mod outcome;
#[expect(clippy::module_inception, reason = "the file of `Pipeline` has its name, as everywhere")]
pub(crate) mod pipeline;
pub(crate) mod rate;
pub(crate) mod retry;
pub(crate) mod stats;
pub(crate) mod waiting_room;
