//! Plays the scenes of lesson 23 on the real clock, or with `--virtual` at full length on the paused one.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_23::story().play()
}
