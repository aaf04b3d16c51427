//! Lesson 30: a message bus. Publishers name a topic, subscribers a pattern, and an actor stands between them.
//!
//! Read in this order; `cargo run -p lesson-30` plays the scenes.
//!
//! - [`calls`]: services that call each other, and the same services with a bus between them. Start here.
//! - [`message`], [`pattern`], [`wanted`]: what is published, and who wants it
//! - [`table`](mod@table): the subscribers, and what becomes of a message at each of them
//! - [`bus`](mod@bus): the actor that owns the table, and the handle that hides it
//! - [`direct`]: the same table behind a lock
//! - [`slow`]: one slow subscriber, on this bus and on two that stop
//! - [`shop`]: several publishers and subscribers, from the first subscription to the statistics
//! - [`relay`](mod@relay): an outbox that reads its receipts
//! - [`board`]: two publishers on one topic
//! - [`wrong`]: the same ideas gone wrong
//! - [`schedule`]: what holds however long a publisher takes
//! - [`story`](mod@story): the scenes that `main` plays

pub mod board;
pub mod bus;
pub mod calls;
pub mod direct;
pub mod message;
pub mod pattern;
pub mod relay;
pub mod schedule;
pub mod shop;
pub mod slow;
pub mod story;
pub mod table;
pub mod wanted;
pub mod wrong;

pub use story::story;
