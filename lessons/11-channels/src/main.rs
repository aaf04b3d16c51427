//! Tells the story of lesson 11 on the real clock; with `--virtual` on the paused one: full size, and at once.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_11::story().tell()
}
