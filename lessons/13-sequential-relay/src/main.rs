//! Plays the story of lesson 13 on the real clock and writes its log file; with `--virtual`, full size and at once on the paused
//! clock, and without a file.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_13::story().play()
}
