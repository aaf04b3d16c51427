//! Plays the scenes of lesson 12 on the real clock, or with `--virtual` on the paused one: full size, in no time.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_12::story().play()
}
