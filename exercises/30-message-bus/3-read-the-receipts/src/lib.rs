//! Exercise 30.3. Edit `exercise.rs`; the task is in `README.md`.

pub mod exercise;
