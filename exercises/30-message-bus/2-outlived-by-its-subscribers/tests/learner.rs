//! Runs the tests of `spec.rs` against your file.

use exercise_30_2::exercise as sut;

#[path = "../spec.rs"]
mod spec;
