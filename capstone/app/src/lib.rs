//! The message bus and outbox relay as one program.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`cli`] | the command line: start here |
//! | [`commands`] | one file a command |
//! | [`config`] | `capstone.toml`, the environment and `--set` |
//! | `client`, `server` | the NATS protocol from the other side; `--server` and `--token` |
//! | [`demo`] | the demonstration, which checks itself |
//! | `listen` | the listener of `serve`, as the settings have it |
//! | `http` | the status page |
//! | [`live`] | a bus that is fed from a stream |
//! | [`upkeep`] | what a process that serves a database lets go by itself |
//! | [`ledger`] | the checker: lost, invented, reordered, duplicated, corrupted |
//! | `listed`, `table` | streams as they are shown; columns, and times in words |
//! | [`database`], [`stop`], [`log`], [`progress`] | `--db`, signals, logs, the bar |

#[macro_use]
mod say;

pub mod cli;
#[cfg(feature = "wire")]
pub mod client;
pub mod commands;
pub mod config;
pub mod database;
pub mod demo;
mod exit;
#[cfg(feature = "http")]
pub mod http;
pub mod ledger;
mod listed;
#[cfg(feature = "wire")]
pub mod listen;
pub mod live;
pub mod log;
pub mod progress;
#[cfg(feature = "wire")]
pub mod server;
pub mod stop;
mod table;
pub mod upkeep;

use cli::{Cli, Command, StreamCommand, TopicCommand};
use config::Config;
pub use exit::Exit;

/// Runs the command that was asked for; none means the demonstration.
///
/// # Errors
/// One line that names what went wrong: the file, the line, the field.
pub async fn run(cli: Cli, config: &Config) -> anyhow::Result<Exit> {
    let settings = &config.settings;
    match cli.command.unwrap_or_else(|| Command::Demo(cli::Demo::default())) {
        Command::Demo(options) => demo::run(options).await,
        Command::Migrate(options) => commands::migrate::run(options).await,
        Command::Backup(options) => commands::backup::run(&options),
        Command::Enqueue(options) => commands::enqueue::run(options).await,
        Command::Relay(options) => commands::relay::run(options, settings).await,
        Command::Status(options) => commands::status::run(options).await,
        Command::Doctor(options) => commands::doctor::run(options, settings).await,
        Command::Dead(command) => commands::dead::run(command).await,
        Command::Keys(command) => commands::keys::run(command).await,
        Command::Pause(options) => commands::pause::pause(options).await,
        Command::Resume(options) => commands::pause::resume(options).await,
        Command::Stream(StreamCommand::List(options)) => commands::stream::list(options).await,
        Command::Stream(StreamCommand::Replay(options)) => commands::stream::replay(options).await,
        Command::Stream(StreamCommand::Set(options)) => commands::stream::set(options).await,
        Command::Stream(StreamCommand::Trim(options)) => commands::stream::trim(options).await,
        Command::Stream(StreamCommand::Purge(options)) => commands::stream::purge(options).await,
        Command::Stream(StreamCommand::Delete(options)) => commands::stream::delete(options).await,
        Command::Stream(StreamCommand::Dead(command)) => commands::stream::dead(command).await,
        #[cfg(feature = "wire")]
        Command::Serve(options) => commands::serve::run(options, settings).await,
        #[cfg(feature = "wire")]
        Command::Publish(options) => commands::publish::run(options).await,
        #[cfg(feature = "wire")]
        Command::Subscribe(options) => commands::subscribe::run(options).await,
        #[cfg(feature = "wire")]
        Command::Request(options) => commands::request::run(options, settings).await,
        Command::Topic(TopicCommand::Match(options)) => commands::topic::run(&options),
        Command::Config(command) => commands::config::run(command, config),
    }
}
