//! Runs the tests of `spec.rs` against your file.

use exercise_31_1::exercise as sut;

#[path = "../spec.rs"]
mod spec;
