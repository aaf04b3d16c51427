//! The program: reads the command line and the settings, runs a command, and turns what came of it into an exit code.

use std::process::ExitCode;

use capstone::cli::Cli;
use capstone::config::{self, Config};
use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

fn main() -> ExitCode {
    let (cli, config) = read();
    capstone::log::start(&config.settings.log);
    let runtime = tokio::runtime::Runtime::new().expect("the operating system gives a thread and a poller");
    let outcome = runtime.block_on(capstone::run(cli, &config));
    // A read from a terminal cannot be interrupted: do not wait for it.
    runtime.shutdown_background();
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            capstone::say!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The command line twice: once for where the settings are, once with what they say.
fn read() -> (Cli, Config) {
    let first = config::relaxed(Cli::command()).try_get_matches().unwrap_or_else(|error| refuse(&error));
    let named = first.get_one::<std::path::PathBuf>("config");
    let set: Vec<String> = first.get_many("set").unwrap_or_default().cloned().collect();
    let config = Config::load(named.map(AsRef::as_ref), |name| std::env::var(name).ok(), &set);
    let config = config.unwrap_or_else(|error| {
        capstone::say!("error: {error}");
        std::process::exit(2);
    });
    let matches = config::defaults(Cli::command(), &config).try_get_matches();
    let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    (cli.unwrap_or_else(|error| refuse(&error)), config)
}

/// Exits with 2 after a wrong command line (with 0 after `--help`).
fn refuse(error: &clap::Error) -> ! {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    // clap repeats the value, which may hold a password.
    let secret = ["--db", "--server", "--sink", "--token", "--password"]
        .into_iter()
        .find(|option| argument.starts_with(option));
    if let (ErrorKind::ValueValidation, Some(option)) = (error.kind(), secret) {
        let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        capstone::say!("error: {option}: {reason}");
        std::process::exit(2);
    }
    error.exit()
}
