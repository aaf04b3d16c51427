//! Lesson 16: select. One task waits for several things; the first to happen wins, and the others are dropped.
//!
//! Read in this order; `cargo run -p lesson-16` tells the same story.
//!
//! - [`race`]: the first answer wins, and a timeout is such a race. Start here.
//! - [`relay`](mod@relay): a loop that loses no order, and ends when the channel does
//! - [`batch`]: a deadline for the whole loop
//! - [`patience`]: one future that many turns wait for
//! - [`frames`]: read from a connection in pieces, and lose none
//! - [`busy`]: `biased`, and who is asked first
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells

pub mod batch;
pub mod busy;
pub mod frames;
pub mod patience;
pub mod race;
pub mod relay;
pub mod story;
pub mod wrong;

pub use story::story;
