//! Milestone 2, against your crate.

use project as sut;

#[path = "../milestones/2_stops.rs"]
mod spec;
#[path = "../milestones/world/mod.rs"]
mod world;
