//! The workspace's own tools as a library, so that tests can call them. The command line is `main.rs`; start with
//! [`learn`] for the course, with [`rules`] for what this repository demands of itself.
//!
//! Nothing here is used by the lessons or by the capstone.

#![deny(clippy::print_stdout)] // `say` survives a closed pipe

pub mod answer; // answers/plausible, answers/alternatives: what differs from the solution
pub mod book; // cargo x book: serves it to a reader
pub mod cargo; // builds test programs and reads what cargo says about them
pub mod carve; // answers/solution.rs: the learner's file, the solution and every answer are made from it
pub mod clock; // the one place that reads the real clock
pub mod course; // exercises/course.toml: lessons, exercises, hints
pub mod learn; // cargo x learn: watch, list, run, hint, solution, reset, project, verify
pub mod libtest; // reads what test programs print
pub mod limited; // runs a program for a limited time
pub mod new_lesson; // cargo x new-lesson
pub mod onward; // what to do next, at the end of each chapter
pub mod orders; // cargo x orders: example messages from a seed
pub mod paint; // colours, when a terminal wants them
pub mod progress; // .course/progress.txt: what the learner has solved
pub mod project; // exercises/project: the milestones, and the files of the crate
pub mod rules; // what the repository demands of itself, each rule a test
pub mod say; // the one way to the standard output
pub mod schedule; // cargo x schedule: a lesson's claims in many schedules
pub mod test_all; // cargo x test-all: every check, and one line at the end
pub mod text; // text files, the same on every system
pub mod tools; // cargo x tools: just, mdbook and the servers that tests start
pub mod tree; // the repository's files in memory
pub mod workspace; // a workspace of its own below target/, with our versions
pub mod wrap; // fits text into the width of a terminal
