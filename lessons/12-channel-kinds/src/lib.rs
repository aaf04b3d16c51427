//! Lesson 12: channel kinds. Who sends, who receives, and what happens to the one that is slow: pick the channel by that.
//!
//! Read in this order; `cargo run -p lesson-12` tells the same story.
//!
//! - [`announce`]: `broadcast`, every subscriber gets every event, unless it is too slow. Start here.
//! - [`answer`]: `oneshot`, one value, once: a request carries the way back
//! - [`latest`]: `watch`, only the newest value
//! - [`memory`]: `mpsc` with places, and what a queue without an end costs
//! - [`waiting`]: waiting for a channel without blocking a thread
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells
//!
//! What `borrow` returns holds a lock, so a task that may change threads cannot keep it across an await:
//!
//! ```compile_fail
//! let (_settings, reader) = tokio::sync::watch::channel(100);
//! tokio::spawn(async move {
//!     let batch_size = reader.borrow();
//!     tokio::task::yield_now().await;
//!     println!("{}", *batch_size);
//! });
//! ```

pub mod announce;
pub mod answer;
pub mod latest;
pub mod memory;
pub mod story;
pub mod waiting;
pub mod wrong;

pub use story::story;
