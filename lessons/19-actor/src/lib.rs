//! Lesson 19: actors. A task owns its state, and the other tasks send it requests.
//!
//! Read in this order; `cargo run -p lesson-19` runs the same scenes.
//!
//! - [`stock`]: a task, its requests, and a handle that hides both. Start here.
//! - [`shops`]: clients of the stock: two that sell, and one that gives up
//! - [`accounts`]: an actor for each key, spawned once, and what happens when its mailbox is full
//! - [`partners`]: two actors whose calls go one way
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` runs

pub mod accounts;
pub mod partners;
pub mod shops;
pub mod stock;
pub mod story;
pub mod wrong;

pub use story::story;
