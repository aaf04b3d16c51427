//! Plays the scenes of lesson 29 on the real clock and kills real processes. With `--virtual`, plays the scenes on the paused
//! clock, without waiting. As a child of itself, it does what its arguments say.

use std::env;
use std::process::ExitCode;

use lesson_29::process;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    if arguments.next().is_some_and(|first| first == process::CHILD) {
        return process::child(arguments);
    }
    lesson_29::story().play()
}
