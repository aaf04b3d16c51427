//! `capstone config`: the settings that hold, and a file with all that there are.

use crate::Exit;
use crate::cli::ConfigCommand;
use crate::config::{Config, SAMPLE};

/// Runs the command.
///
/// # Errors
/// A variable of the environment does not hold such a value.
pub fn run(command: ConfigCommand, config: &Config) -> anyhow::Result<Exit> {
    match command {
        ConfigCommand::Show => print!("{}", config.show(|name| std::env::var(name).ok())?),
        ConfigCommand::Sample => print!("{SAMPLE}"),
    }
    Ok(Exit::Done)
}
