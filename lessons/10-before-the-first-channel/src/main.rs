//! Plays the story of lesson 10 on the real clock, or with `--virtual` on the paused one, full size and at once.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_10::story().play()
}
