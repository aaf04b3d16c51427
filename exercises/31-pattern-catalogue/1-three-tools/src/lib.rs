//! Exercise 31.1. Edit `exercise.rs`; the task is in `README.md`.

pub mod exercise;
