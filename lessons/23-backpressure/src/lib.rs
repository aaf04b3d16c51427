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

pub mod broker;
pub mod overload;
pub mod relay;
pub mod server;
pub mod story;
pub mod wrong;

pub use story::story;
