//! Lists the patterns; plays the one that is named, or all of them.

use std::process::ExitCode;

fn main() -> ExitCode {
    lesson_31::play::run(std::env::args().skip(1))
}
