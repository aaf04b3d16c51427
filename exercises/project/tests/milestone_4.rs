//! Milestone 4, against your crate.

use project as sut;

#[path = "../milestones/4_retries.rs"]
mod spec;
#[path = "../milestones/world/mod.rs"]
mod world;
