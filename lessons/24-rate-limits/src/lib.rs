//! Lesson 24: rate limits. At most 100 requests a minute, and what becomes of the next one.
//!
//! Read in this order; `cargo run -p lesson-24` plays the same scenes.
//!
//! - [`window`]: a sliding window, and the trait that all limits have in common. Start here.
//! - [`bucket`]: a token bucket
//! - [`limiter`]: a limit that many tasks share, in the order in which they come
//! - [`policy`]: the next request waits, is dropped, or is an error
//! - [`customers`]: a limit for each customer, so that none waits for another
//! - [`pace`]: more than 1,000 a second, although the clock has whole milliseconds
//! - [`provider`]: the service that is called, and how many requests it refuses
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays

pub mod bucket;
pub mod customers;
pub mod limiter;
pub mod pace;
pub mod policy;
pub mod provider;
pub mod story;
pub mod window;
pub mod wrong;

pub use story::story;
