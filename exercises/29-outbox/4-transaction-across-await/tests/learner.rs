//! Runs the tests of `spec.rs` against your file.

#[path = "../src/exercise.rs"]
mod exercise;
use exercise as sut;

#[path = "../spec.rs"]
mod spec;
