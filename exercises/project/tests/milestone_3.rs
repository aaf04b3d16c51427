//! Milestone 3, against your crate.

use project as sut;

#[path = "../milestones/3_bounded.rs"]
mod spec;
#[path = "../milestones/world/mod.rs"]
mod world;
