//! `cargo x learn`: the way through the exercises. Each command is a file; what they share is [`Study`].
//!
//! Works offline and on Windows: files and processes only, no shell, no links.

mod check;
mod hint;
mod list;
mod project;
mod proofs;
mod report;
mod reset;
mod run;
mod solution;
mod standing;
mod status;
mod study;
mod trial;
mod verify;
mod watch;

pub use hint::{Hints, hint};
pub use list::list;
pub use project::{Which, project, watch_project};
pub use reset::reset;
pub use run::run;
pub use solution::solution;
pub use status::{begin, next, status};
pub use study::Study;
#[cfg(test)]
pub(crate) use study::tests;
pub use verify::{Strictness, Verdict, verify};
pub use watch::{is_possible as can_watch, watch};
