//! Lesson 25: failure. What to do when a call fails, and when it does not answer.
//!
//! Read the modules in this order; `cargo run -p lesson-25` plays their scenes.
//!
//! - [`outcome`]: an attempt has three outcomes, and one of them is unknown. Start here.
//! - [`bank`]: the other side. It may be slow, busy or down, and it recognises a request that it has seen
//! - [`backoff`]: how long to pause after a failure
//! - [`retry`](mod@retry): which failures are worth another attempt, and when to give up
//! - [`relay`](mod@relay): charges each order once, and reports what cannot be charged
//! - [`storm`](mod@storm): a hundred callers that fail in the same millisecond
//! - [`breaker`]: when the other side is down, fail at once and leave it alone
//! - [`checkout`]: customers of a bank that is down
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays

pub mod backoff;
pub mod bank;
pub mod breaker;
pub mod checkout;
pub mod outcome;
pub mod relay;
pub mod retry;
pub mod storm;
pub mod story;
pub mod wrong;

pub use story::story;
