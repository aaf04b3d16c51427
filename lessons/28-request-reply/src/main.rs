//! Plays the story of lesson 28 on the real clock; with `--virtual`, full size and at once on the paused one.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_28::story().play()
}
