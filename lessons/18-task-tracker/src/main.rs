//! Tells the story of lesson 18 on the real clock. With `--virtual`, on the paused clock: full size, and at once.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_18::story().tell()
}
