//! Lesson 12: channel kinds. Pick a channel by who sends, who receives, and what happens when a receiver is slow.
//!
//! Read in this order; `cargo run -p lesson-12` plays the scenes.
//!
//! - [`announce`]: `broadcast`, every subscriber gets every event, unless it is too slow. Start here.
//! - [`answer`]: `oneshot`, one value, sent once: a request carries the sender of its answer
//! - [`latest`]: `watch`, only the newest value
//! - [`memory`]: a bounded `mpsc`, and what an unbounded one costs
//! - [`waiting`]: waiting on a channel without blocking the thread
//! - [`wrong`]: the same ideas, done wrong
//! - [`schedule`]: what holds whenever the callers come
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! What `borrow` returns holds a lock, so a spawned task cannot keep it across an await:
//!
//! ```compile_fail
//! # async fn spawn() {
//! let (_settings, reader) = tokio::sync::watch::channel(100);
//! tokio::spawn(async move {
//!     let batch_size = reader.borrow();
//!     tokio::task::yield_now().await;
//!     println!("{}", *batch_size);
//! });
//! # }
//! ```
//!
//! A copy can be kept:
//!
//! ```
//! # async fn spawn() {
//! let (_settings, reader) = tokio::sync::watch::channel(100);
//! tokio::spawn(async move {
//!     let batch_size = *reader.borrow();
//!     tokio::task::yield_now().await;
//!     println!("{batch_size}");
//! });
//! # }
//! ```
//!
//! There is at most one answer. A `oneshot` sender is consumed by `send`, and cannot be cloned:
//!
//! ```compile_fail,E0382
//! let (answer, _answered) = tokio::sync::oneshot::channel();
//! answer.send(1).unwrap();
//! answer.send(2).unwrap();
//! ```
//!
//! ```compile_fail,E0599
//! let (answer, _answered) = tokio::sync::oneshot::channel::<u32>();
//! let second = answer.clone();
//! ```

pub mod announce;
pub mod answer;
pub mod latest;
pub mod memory;
pub mod schedule;
pub mod story;
pub mod waiting;
pub mod wrong;

pub use story::story;
