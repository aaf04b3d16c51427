//! Exercise 22.1. `exercise.rs` does not compile yet, so `tests/learner.rs` compiles it; the task is in `README.md`.
