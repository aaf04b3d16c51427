//! The options of the operators' commands: `doctor`, `dead`, `keys`, `pause` and `resume`.

#[cfg(feature = "nats")]
use std::path::PathBuf;
use std::time::Duration;

use capstone_outbox::MessageId;
use clap::{Args, Subcommand};

use super::seconds::seconds;
use super::sink::SinkName;
use crate::database::Database;

/// Which database, and who reads the answer.
#[derive(Debug, Args)]
pub struct Outbox {
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// Print JSON, an object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Changes nothing. Exits with 0 if there is no problem, though there may be warnings, else with 1.\n\
                        It reads an SQLite file once from end to end."
)]
pub struct Doctor {
    /// Also look at where a relay is to send to, with the settings that hold here
    #[arg(long, value_name = "SINK")]
    pub sink: Option<SinkName>,
    /// For nats: a user's credentials, a JWT and its key, in a file as nsc writes it
    #[cfg(feature = "nats")]
    #[arg(long, env = "CAPSTONE_NATS_CREDENTIALS", value_name = "FILE")]
    pub nats_creds: Option<PathBuf>,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// The commands under `dead`.
#[derive(Debug, Subcommand)]
pub enum DeadCommand {
    /// Print them, the newest first
    List(DeadList),
    /// Print one of them, all of it
    Show(DeadShow),
    /// Send them again: each goes behind all that waits, with its id and all its attempts
    #[command(after_help = "A message whose id waits already stays a dead letter, and is named.\n\
                            What consumers have seen of its key since came before it: order does not hold for it.\n\
                            Many go in steps, between which others write; stopped, it can be run again.")]
    Requeue(DeadChoice),
    /// Delete them for ever
    #[command(after_help = "Many go in steps, between which others write; stopped, it can be run again.")]
    Discard(DeadChoice),
}

/// Options of `dead list`.
#[derive(Debug, Args)]
pub struct DeadList {
    /// Only those of this topic, to the letter
    #[arg(long)]
    pub topic: Option<String>,
    /// Only those of this key
    #[arg(long)]
    pub key: Option<String>,
    /// The oldest first
    #[arg(long)]
    pub oldest: bool,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// The next page: go on behind the last SEQ of this one
    #[arg(long, value_name = "SEQ")]
    pub behind: Option<i64>,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Options of `dead show`.
#[derive(Debug, Args)]
pub struct DeadShow {
    /// Its id, as `dead list` prints it
    pub id: MessageId,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Options of `dead requeue` and `dead discard`.
#[derive(Debug, Args)]
#[group(id = "which", required = true, multiple = true, args = ["id", "topic", "key", "all"])]
pub struct DeadChoice {
    /// This one
    #[arg(conflicts_with_all = ["topic", "key", "all"])]
    pub id: Option<MessageId>,
    /// All of this topic, to the letter
    #[arg(long)]
    pub topic: Option<String>,
    /// All of this key
    #[arg(long)]
    pub key: Option<String>,
    /// All that there are
    #[arg(long, conflicts_with_all = ["topic", "key"])]
    pub all: bool,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// The commands under `keys`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print the keys in trouble: those that are tried again, and those that are parked
    List(KeysList),
    /// Try the head of a key now: it gets all its attempts again, and the rest of the key follows in order
    Retry(KeyRetry),
    /// Make the head of a key a dead letter: the key goes on behind it
    Skip(KeyChoice),
    /// Delete the head of a key for ever: the key goes on behind it
    Discard(KeyDiscard),
}

/// Options of `keys list`.
#[derive(Debug, Args)]
pub struct KeysList {
    /// At most so many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Go on behind this key
    #[arg(long, value_name = "KEY")]
    pub behind: Option<String>,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Which key a command is for, and how long to wait for its end.
#[derive(Debug, Args)]
#[command(after_help = KEY_HELP)]
#[group(id = "which_key", required = true, multiple = false, args = ["key", "row"])]
pub struct KeyChoice {
    /// The key
    pub key: Option<String>,
    /// A message without a key, by the number that `keys list` prints
    #[arg(long, value_name = "SEQ")]
    pub row: Option<i64>,
    /// Who says so, for those who look later
    #[arg(long, env = "USER", hide_env_values = true, default_value = "somebody", value_name = "NAME")]
    pub by: String,
    /// How many seconds to wait until a relay has done it
    #[arg(long, default_value = "15", value_name = "SECONDS", value_parser = seconds)]
    pub wait: Duration,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Options of `keys retry`.
#[derive(Debug, Args)]
#[command(after_help = KEY_HELP)]
pub struct KeyRetry {
    /// All keys that are parked now
    #[arg(long, group = "which_key")]
    pub parked: bool,
    /// Which key
    #[command(flatten)]
    pub choice: KeyChoice,
}

/// Options of `keys discard`.
#[derive(Debug, Args)]
#[command(after_help = KEY_HELP)]
pub struct KeyDiscard {
    /// Delete not only the head, but all that the key has now
    #[arg(long)]
    pub all: bool,
    /// Which key
    #[command(flatten)]
    pub choice: KeyChoice,
}

const KEY_HELP: &str = "The relay that holds the key does it, once, so that order is kept. While none runs, the command is recorded \
                        for the next one, and this exits with 3.\n\
                        A head that has changed meanwhile is left alone, and the command fails.";

/// Options of `pause`.
#[derive(Debug, Args)]
#[command(
    after_help = "Relays notice within a second, and what they have begun ends within the publish timeout, 4 s.\n\
                        They keep their lanes; messages can be enqueued, and wait. It lasts until `capstone resume`."
)]
pub struct Pause {
    /// Who says so, for those who look later
    #[arg(long, env = "USER", hide_env_values = true, default_value = "somebody", value_name = "NAME")]
    pub by: String,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Options of `resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}
