//! Plays the story of lesson 30 on the real clock; with `--virtual`, full size and at once on the paused one.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_30::story().play()
}
