//! Plays the scenes of lesson 15 on the real clock; with `--virtual`, on the paused clock, without waiting.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_15::story().play()
}
