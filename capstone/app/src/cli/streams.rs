//! The options of `stream`.

use std::str::FromStr;
use std::time::Duration;

use capstone_outbox::Seq;
use capstone_outbox::stream::Start;
use clap::{Args, Subcommand};

use super::operators::Outbox;
use super::seconds::seconds;
use super::sink::STREAM;
use crate::config::{Age, Count, Size};
use crate::database::Database;

/// The commands under `stream`.
#[derive(Debug, Subcommand)]
pub enum StreamCommand {
    /// What each stream holds, and where its consumers are
    List(StreamList),
    /// Print what a stream holds, one JSON object a line
    #[command(after_help = "Leaves no trace: consumers go on where they are.")]
    Replay(StreamReplay),
    /// Change what a stream keeps
    #[command(after_help = "Relays and what publishes to it let go what is over, a little at a time.")]
    Set(StreamSet),
    /// Delete messages from the front of a stream, up to a number or an age
    #[command(after_help = IN_STEPS)]
    Trim(StreamTrim),
    /// Delete all messages that a stream holds now
    #[command(after_help = IN_STEPS)]
    Purge(StreamGone),
    /// Delete a stream with its consumers and their dead letters
    #[command(after_help = "In steps, between which others write; stopped, it can be run again.\n\
                            A relay that carries into it fails until it is started again, and then creates it anew.")]
    Delete(StreamGone),
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
    pub from: ReplayFrom,
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

const IN_STEPS: &str = "In steps, between which others write; stopped, it can be run again. Numbers are not used again.\n\
                        Consumers that have not come to a message are told of the gap.";

/// Options of `stream set`.
#[derive(Debug, Args)]
#[group(id = "bound", required = true, multiple = true, args = ["age_max", "count_max", "bytes_max"])]
pub struct StreamSet {
    /// Which one
    pub name: String,
    /// Messages older than this go: a time such as 12h or 30d, or none
    #[arg(long, value_name = "AGE")]
    pub age_max: Option<Age>,
    /// The oldest of more than so many go: a number, or none
    #[arg(long, value_name = "COUNT")]
    pub count_max: Option<Count>,
    /// The oldest of more bytes than this go: a size such as 512MiB, or none
    #[arg(long, value_name = "SIZE")]
    pub bytes_max: Option<Size>,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
}

/// Options of `stream trim`.
#[derive(Debug, Args)]
pub struct StreamTrim {
    /// Up to which
    #[command(flatten)]
    pub upto: TrimChoice,
    /// Of which stream
    #[command(flatten)]
    pub gone: StreamGone,
}

/// How far a stream is trimmed.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct TrimChoice {
    /// Those with lower numbers than this
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(1..))]
    pub below: Option<i64>,
    /// Those that were published longer ago than this: a time such as 12h or 30d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub older_than: Option<Duration>,
}

fn age(text: &str) -> Result<Duration, String> {
    let Age(age) = text.parse()?;
    age.ok_or_else(|| "write a time such as 12h or 30d".into())
}

/// Options of the commands that delete for ever.
#[derive(Debug, Args)]
pub struct StreamGone {
    /// Which one
    pub name: String,
    /// What is deleted is gone for ever: without this nothing is
    #[arg(long, required = true)]
    pub yes: bool,
    /// Where
    #[command(flatten)]
    pub outbox: Outbox,
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

/// `--from` of `stream replay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayFrom(pub Start);

impl FromStr for ReplayFrom {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = || text.parse().ok().filter(|seq| *seq > 0).map(|seq| Start::Seq(Seq(seq)));
        let start = match text {
            "first" => Some(Start::First),
            "last" => Some(Start::Last),
            "new" => Some(Start::New),
            _ => number(),
        };
        start.map(Self).ok_or_else(|| "write first, last, new, or a number from 1".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_a_word_or_a_number() {
        assert_eq!("first".parse(), Ok(ReplayFrom(Start::First)));
        assert_eq!("17".parse(), Ok(ReplayFrom(Start::Seq(Seq(17)))));
        for wrong in ["", "0", "-1", "FIRST", "oldest"] {
            assert!(wrong.parse::<ReplayFrom>().is_err(), "{wrong}");
        }
    }
}
