//! Exercise 31.2. Edit `exercise.rs`; the task is in `README.md`.

pub mod exercise;
