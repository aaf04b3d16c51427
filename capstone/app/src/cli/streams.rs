//! The options of `stream`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Outbox, STREAM, seconds};
use crate::commands::stream::From;
use crate::database::Database;

/// The commands under `stream`.
#[derive(Debug, Subcommand)]
pub enum StreamCommand {
    /// What each stream holds, and where its consumers are
    List(StreamList),
    /// Print what a stream holds, one JSON object a line
    #[command(after_help = "Leaves no trace: consumers go on where they are.")]
    Replay(StreamReplay),
    /// What consumers gave up: look at it, deliver it again, delete it
    #[command(subcommand)]
    Dead(StreamDeadCommand),
}

/// Options of `stream list`.
#[derive(Debug, Args)]
pub struct StreamList {
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// Print one JSON object a stream
    #[arg(long)]
    pub json: bool,
}

/// Options of `stream replay`.
#[derive(Debug, Args)]
pub struct StreamReplay {
    /// Which one
    #[arg(default_value = STREAM)]
    pub name: String,
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// Where to begin: first, last, new, or a number
    #[arg(long, default_value = "first", value_name = "START")]
    pub from: From,
    /// Begin with what was published in the last so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "from")]
    pub since: Option<Duration>,
    /// Only topics that this pattern matches
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
    /// Go on with what is published, until it is stopped
    #[arg(long)]
    pub follow: bool,
}

/// The commands under `stream dead`.
#[derive(Debug, Subcommand)]
pub enum StreamDeadCommand {
    /// Print them, the oldest first
    List(StreamDeadList),
    /// Deliver them again, to their consumer alone, with all their deliveries
    #[command(
        after_help = "What the consumer has been given since came before them: order does not hold for them.\n\
                            A message that retention has taken stays a dead letter."
    )]
    Redrive(StreamDeadChoice),
    /// Delete them for ever
    Discard(StreamDeadChoice),
}

/// Options of `stream dead list`.
#[derive(Debug, Args)]
pub struct StreamDeadList {
    /// Which stream
    pub name: String,
    /// Only what this consumer gave up
    pub consumer: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Options of `stream dead redrive` and `stream dead discard`.
#[derive(Debug, Args)]
pub struct StreamDeadChoice {
    /// Which stream
    pub name: String,
    /// Whose
    pub consumer: String,
    /// Which of them
    #[command(flatten)]
    pub letters: LettersChoice,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// One of a consumer's dead letters, or all.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct LettersChoice {
    /// That of the message with this number
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(1..))]
    pub seq: Option<i64>,
    /// All of them
    #[arg(long)]
    pub all: bool,
}
