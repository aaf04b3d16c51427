//! Plays the story of lesson 21 on the real clock; with `--virtual`, full size and at once on the paused one.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_21::story().play()
}
