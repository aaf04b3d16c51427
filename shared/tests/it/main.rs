//! The tests of `shared`, one binary.

mod artifact;
mod comparison;
mod gate;
mod journal;
mod schedule;
mod story;
mod timeline;
