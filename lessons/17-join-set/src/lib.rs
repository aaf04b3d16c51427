//! Lesson 17: join set. It owns its tasks: it returns their results as they come, and drops none of them out of sight.
//!
//! Read in this order; `cargo run -p lesson-17` tells the same story.
//!
//! - [`relay`](mod@relay): the results of many tasks as they come, and no task left when it is dropped. Start here.
//! - [`event`]: what is published, and how it may end
//! - [`outcome`]: published, refused, crashed or stopped, and which event it was
//! - [`refill`](mod@refill): a set that takes in a new task for each that ends
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells
//!
//! All tasks of a set return the same type:
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
