//! What [`Session`](super::session::Session) is told, and what it orders.

use crate::course::{Exercise, ExerciseId};
use crate::learn::check::{Checked, Seen};

/// What has happened.
#[derive(Debug)]
pub(super) enum Event {
    Key(Key),
    /// The files of these exercises hold something new.
    Saved(Vec<ExerciseId>),
    /// What cargo is doing: `Compiling tokio v1.54.1`.
    Compiling(String),
    Testing,
    /// The job has taken so long.
    Seconds(u64),
    Checked(Done),
    /// What was printed about the claims of a lesson.
    Explored(String),
    /// The terminal has so many columns now.
    Resized(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    /// Escape and backspace.
    Back,
    /// Ctrl-C.
    Interrupt,
}

/// A check that has ended.
#[derive(Debug)]
pub(super) struct Done {
    pub id: ExerciseId,
    /// `None` where a file is missing.
    pub seen: Option<Seen>,
    pub checked: Checked,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Begin this check. There is never more than one job.
    Check(Exercise),
    /// Run the claims of this lesson in many schedules.
    Explore(u32),
    /// Nobody wants the outcome of the job that runs. It still ends with [`Event::Checked`] or [`Event::Explored`].
    Stop,
    Quit,
}
