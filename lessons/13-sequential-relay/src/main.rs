//! Tells the story of lesson 13 on the real clock, and writes its log file, with `--log FOLDER` into that folder. With
//! `--virtual`, on the paused clock: full size, at once, and without a file.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_13::story().tell()
}
