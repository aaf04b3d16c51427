//! Runs the tests of `spec.rs` against the solution.

use exercise_20_2::solution as sut;

#[path = "../spec.rs"]
mod spec;
