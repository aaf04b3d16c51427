//! Milestone 5, against your crate and your program.

use std::process::Command;

use project as sut;

/// Your program.
fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_project"))
}

#[path = "../milestones/killer/mod.rs"]
mod killer;
#[path = "../milestones/5_survives.rs"]
mod spec;
