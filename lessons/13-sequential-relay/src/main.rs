//! Plays the scenes of lesson 13 on the real clock and writes the log file. With `--virtual`, plays them in full on the paused
//! clock, without waiting and without a file.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_13::story().play()
}
