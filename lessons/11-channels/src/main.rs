//! Plays the scenes of lesson 11 on the real clock, or with `--virtual` on the paused one: full size, in no time.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_11::story().play()
}
