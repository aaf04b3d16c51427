//! Exercise 25.4. Edit `exercise.rs`; the task is in `README.md`.

pub mod exercise;
