//! The program: reads the command line, runs a command, and turns what came of it into an exit code.

use std::process::ExitCode;

use capstone::cli::Cli;
use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| refuse(&error));
    capstone::log::start();
    let runtime = tokio::runtime::Runtime::new().expect("the operating system gives a thread and a poller");
    let outcome = runtime.block_on(capstone::run(cli));
    // A read from a terminal cannot be interrupted: do not wait for it.
    runtime.shutdown_background();
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Exits with 2 after a wrong command line (with 0 after `--help`).
fn refuse(error: &clap::Error) -> ! {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    // clap repeats the value, which may hold a password.
    let secret =
        ["--db", "--server", "--sink", "--token"].into_iter().find(|option| argument.starts_with(option));
    if let (ErrorKind::ValueValidation, Some(option)) = (error.kind(), secret) {
        let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        eprintln!("error: {option}: {reason}");
        std::process::exit(2);
    }
    error.exit()
}
