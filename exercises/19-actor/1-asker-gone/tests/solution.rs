//! Runs the tests of `spec.rs` against the solution.

use exercise_19_1::solution as sut;

#[path = "../spec.rs"]
mod spec;
