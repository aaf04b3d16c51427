//! Lesson 22: streams. Values that arrive one after another, and the adapters between the channel and the loop.
//!
//! Read in this order; `cargo run -p lesson-22` plays the same scenes.
//!
//! - [`writes`]: four writes in flight, and the order of their results. Start here.
//! - [`batches`]: what a micro-batch waits for
//! - [`relay`](mod@relay): batches, four of them in flight
//! - [`broker`], [`shop`]: where the orders go to, and where they come from
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! What does not compile is in `tests/refused`. What the adapters do is in `tests/writes.rs` and `tests/batches.rs`.

pub mod batches;
pub mod broker;
pub mod relay;
pub mod shop;
pub mod story;
pub mod writes;
pub mod wrong;

pub use story::story;

/// Two imports of one name.
#[cfg(doctest)]
#[doc = concat!("```compile_fail,E0252\n", include_str!("../tests/refused/two_names.rs"), "```")]
mod two_names {}

/// Two traits in scope that both have the method.
#[cfg(doctest)]
#[doc = concat!("```compile_fail,E0034\n", include_str!("../tests/refused/ambiguous.rs"), "```")]
mod ambiguous {}

/// A stream that is not `Unpin`, and so must be pinned before `next`.
#[cfg(doctest)]
#[doc = concat!("```compile_fail,E0277\n", include_str!("../tests/refused/not_pinned.rs"), "```")]
mod not_pinned {}

/// The two `filter`s take different closures.
#[cfg(doctest)]
#[doc = concat!("```compile_fail,E0277\n", include_str!("../tests/refused/filter.rs"), "```")]
mod filter {}

/// An import inside a function hides none of the module's.
#[cfg(doctest)]
#[doc = concat!("```compile_fail,E0034\n", include_str!("../tests/refused/inner.rs"), "```")]
mod inner {}
