//! Plays the story of lesson 14 on the real clock and writes its log file; with `--virtual`, full size and at once on the paused
//! clock, and without a file.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_14::story().play()
}
