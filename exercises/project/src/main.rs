//! The program `project`. From milestone 5 it runs the relay on a database; until then it does nothing.

use std::process::ExitCode;

fn main() -> ExitCode {
    project::program::main()
}
