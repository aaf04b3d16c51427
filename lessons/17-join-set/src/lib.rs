//! Lesson 17: join set. It owns its tasks: it returns their results as they end, and when it is dropped, it aborts them.
//!
//! Read the modules in this order; `cargo run -p lesson-17` plays their scenes.
//!
//! - [`relay`](mod@relay): the results of many tasks as they end, and no task left behind when it is dropped. Start here.
//! - [`event`]: what is published, and how that may end
//! - [`outcome`]: which event was published, was refused, crashed or was stopped
//! - [`refill`](mod@refill): a set to which a new task is added for each that ends
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! All tasks of a set must return the same type:
//!
//! ```compile_fail,E0271
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut tasks = tokio::task::JoinSet::new();
//! tasks.spawn(async { 1 });
//! tasks.spawn(async { "two" });
//! # }
//! ```

pub mod event;
pub mod outcome;
pub mod refill;
pub mod relay;
pub mod story;
pub mod wrong;

pub use story::story;
