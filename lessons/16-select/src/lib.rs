//! Lesson 16: select. One task waits for several things; the first to happen wins, and the others are dropped.
//!
//! Read the modules in this order; `cargo run -p lesson-16` plays their scenes.
//!
//! - [`race`]: the first answer wins; a timeout is a race too. Start here.
//! - [`relay`](mod@relay): a loop that loses no order and ends when the channel does
//! - [`batch`]: one deadline for the whole loop
//! - [`patience`]: one future, awaited over many iterations
//! - [`both`](mod@both): two futures in one loop, and branches that are disabled
//! - [`frames`]: frames that arrive in pieces, of which none is lost
//! - [`busy`]: `biased`, or which branch is polled first
//! - [`wrong`]: the same ideas gone wrong
//! - [`schedule`]: what holds whichever task goes on first, and whenever an order comes
//! - [`story`](mod@story): the scenes that `main` plays

pub mod batch;
pub mod both;
pub mod busy;
pub mod frames;
pub mod patience;
pub mod race;
pub mod relay;
pub mod schedule;
pub mod story;
pub mod wrong;

pub use story::story;
