//! Lesson 19: actors. A task owns its state, and everybody else sends it requests.
//!
//! Read in this order; `cargo run -p lesson-19` tells the same story.
//!
//! - [`stock`]: a task, its requests, and a handle that hides both. Start here.
//! - [`shops`]: clients of the stock: two that sell, one that gives up
//! - [`accounts`]: an actor for each key, spawned once
//! - [`partners`]: two actors, and calls that go one way
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells

pub mod accounts;
pub mod partners;
pub mod shops;
pub mod stock;
pub mod story;
pub mod wrong;

pub use story::story;
