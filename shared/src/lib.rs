//! What every lesson uses, and nothing more: it wraps nothing of Tokio, because Tokio is the subject.
//!
//! Start with [`Journal`]: tasks log what they do, and the clock stamps it.
//!
//! - `journal`: the entries of a story, each with its millisecond
//! - `comparison`: [`assert_journal!`], expected and actual side by side, or one above the other on a narrow terminal
//! - `gate`: a point where a task waits until the test lets it on
//! - `timeline`: a journal as a picture, one row a task: text for the terminal, SVG for the book
//! - `story`: the scenes of a lesson, played on the real clock or on the paused one
//! - [`schedule`]: the same story in many schedules: what a lesson claims of every one
//! - `choices`, `budget`: which way a run goes, and how far a task goes before the others do; journal and schedules ask them
//! - `svg`: what all drawings of the book have in common
//! - `artifact`: a file that a test compares with what the code produces (`BLESS=1` rewrites it)

mod artifact;
mod budget;
mod choices;
mod comparison;
mod gate;
mod journal;
pub mod schedule;
mod story;
mod svg;
mod timeline;

use std::time::Duration;

pub use artifact::assert_artifact;
#[doc(hidden)]
pub use comparison::check_journal;
pub use gate::Gate;
pub use journal::{Entry, Journal};
pub use story::{Pace, Story};
pub use timeline::Timeline;

/// How long a test waits. On the paused clock an hour passes as soon as no task can make progress, so a deadlock
/// fails at once: `timeout(HOUR, body).await.expect("no task can make progress")`.
pub const HOUR: Duration = Duration::from_secs(3600);
