//! Plays the scenes of lesson 22 on the real clock, or with `--virtual` at full length on the paused one.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_22::story().play()
}
