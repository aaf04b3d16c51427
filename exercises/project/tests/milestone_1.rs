//! Milestone 1, against your crate.

use project as sut;

#[path = "../milestones/1_publishes.rs"]
mod spec;
#[path = "../milestones/world/mod.rs"]
mod world;
