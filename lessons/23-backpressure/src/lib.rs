//! Lesson 23: backpressure. A semaphore bounds how much runs at the same time, and a full one slows the source down.
//!
//! Read the modules in this order; `cargo run -p lesson-23` plays their scenes.
//!
//! - [`broker`]: a broker with 100 workers, and a gauge of what is in flight
//! - [`relay`]: a permit first, then the event, then its task. Start here.
//! - [`server`]: the same for the connections of a TCP server
//! - [`overload`]: a source that does not wait: drop, reject, or park
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! A permit of `acquire` borrows the semaphore, so a task cannot own it:
//!
//! ```compile_fail,E0597
//! # async fn relay() {
//! let permits = tokio::sync::Semaphore::new(50);
//! let permit = permits.acquire().await.unwrap();
//! tokio::spawn(async move { drop(permit) });
//! # }
//! ```
//!
//! The permit of `acquire_owned` keeps the semaphore alive:
//!
//! ```
//! # async fn relay() {
//! let permits = std::sync::Arc::new(tokio::sync::Semaphore::new(50));
//! let permit = permits.acquire_owned().await.unwrap();
//! tokio::spawn(async move { drop(permit) });
//! # }
//! ```

pub mod broker;
pub mod overload;
pub mod relay;
pub mod server;
pub mod story;
pub mod wrong;

pub use story::story;
