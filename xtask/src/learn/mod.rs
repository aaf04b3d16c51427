//! `cargo x learn`: the way through the exercises. Each command is a file; what they share is [`Study`].
//!
//! Works offline and on Windows: files and processes only, no shell, no links.

mod hint;
mod list;
mod project;
mod proofs;
mod reset;
mod run;
mod solution;
mod study;
mod trial;
mod verify;

pub use hint::hint;
pub use list::list;
pub use project::{Which, project};
pub use reset::reset;
pub use run::run;
pub use solution::solution;
pub use study::Study;
#[cfg(test)]
pub(crate) use study::tests;
pub use verify::{Strictness, Verdict, verify};
