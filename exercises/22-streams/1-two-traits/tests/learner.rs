//! Compiles your file, and runs the tests of `spec.rs` against it.

use exercise as sut;

#[path = "../src/exercise.rs"]
mod exercise;
#[path = "../spec.rs"]
mod spec;
