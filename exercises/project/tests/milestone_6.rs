//! Milestone 6, against your crate.

use project as sut;

#[path = "../milestones/6_bus.rs"]
mod spec;
