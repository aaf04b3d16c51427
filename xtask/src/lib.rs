//! The workspace's own tools as a library, so that tests can call them. The command line is `main.rs`; start with
//! [`learn`] for the course, with [`rules`] for what this repository demands of itself.
//!
//! Nothing here is used by the lessons or by the capstone.

pub mod book; // cargo x book: serves it to a reader
pub mod cargo; // builds test programs and reads what cargo says about them
pub mod carve; // the learner's file out of the solution
pub mod clock; // the one place that reads the real clock
pub mod course; // exercises/course.toml: lessons, exercises, hints
pub mod learn; // cargo x learn: list, run, hint, reset, verify
pub mod libtest; // reads what test programs print
pub mod limited; // runs a program for at most so long
pub mod new_lesson; // cargo x new-lesson
pub mod orders; // cargo x orders: example messages from a seed
pub mod paint; // colours, when a terminal wants them
pub mod progress; // .course/progress.txt: what the learner has solved
pub mod rules; // what the repository demands of itself, each rule a test
pub mod test_all; // cargo x test-all: every check, and one line at the end
pub mod text; // text files, the same on every system
pub mod tools; // cargo x tools: just, mdbook and the servers that tests start
pub mod tree; // the repository's files in memory
