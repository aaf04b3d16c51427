//! Exercise 29.4. Edit `exercise.rs`; the task is in `README.md`.
//!
//! `exercise.rs` does not compile yet, so it is no module of this library: `tests/learner.rs` compiles it.
