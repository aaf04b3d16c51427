//! Lesson 27: queue groups. The members of a group share one queue, so that each message has one consumer.
//!
//! Read in this order; `cargo run -p lesson-27` runs the same scenes.
//!
//! - [`group`](mod@group): a bounded queue with many receivers. Start here.
//! - [`workers`]: members that charge orders, each at its own speed
//! - [`topic`]: publish/subscribe: each subscriber gets a message, and a group gets it once
//! - [`review`]: groups with a filter, which decides before a member takes anything
//! - [`keys`]: the changes of one order stay in order, because one member writes them all
//! - [`wrong`]: the same ideas gone wrong
//! - [`schedule`]: what holds however long each change takes
//! - [`story`](mod@story): the scenes that `main` runs

pub mod group;
pub mod keys;
pub mod review;
pub mod schedule;
pub mod story;
pub mod topic;
pub mod workers;
pub mod wrong;

pub use story::story;
