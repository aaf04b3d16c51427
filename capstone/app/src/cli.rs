//! The command line, and the help that teaches it.

use clap::{Args, Parser, Subcommand};

use crate::commands::relay::SinkName;
use crate::database::Database;

/// Carries messages from a database to the world: at least once, in order per key.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Without a command: the demonstration, which checks itself.\n\n\
                  A first round trip:\n  \
                  echo '{\"topic\":\"orders.created\",\"key\":\"order-1\",\"payload\":{\"cents\":1250}}' \\\n    \
                  | capstone enqueue --db sqlite:shop.db\n  \
                  capstone relay --db sqlite:shop.db --sink stdout --until-empty\n\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 stopped at the drain deadline with work left.\n\
                  SIGTERM and Ctrl-C drain; a second one exits at once with 130."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show it all at work: an order service, a relay, subscribers, and a check of the ledger
    Demo(Demo),
    /// Create or update the tables; safe to repeat
    Migrate(Migrate),
    /// Put messages into the outbox, one JSON object a line
    Enqueue(Enqueue),
    /// Carry committed messages to a sink
    Relay(Relay),
    /// Show what waits, what is held, what was given up
    Status(Status),
    /// Try patterns against topics
    #[command(subcommand)]
    Topic(TopicCommand),
}

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// How many messages to commit
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub messages: u32,
    /// Over how many keys; each key's order is checked
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub keys: u32,
    /// A database that does not exist yet; without it, one in a temporary folder
    #[arg(long, value_name = "sqlite:PATH")]
    pub db: Option<Database>,
    /// Print one JSON object instead of the summary
    #[arg(long)]
    pub json: bool,
}

impl Default for Demo {
    fn default() -> Self {
        Self { messages: 20_000, keys: 200, db: None, json: false }
    }
}

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The database; an application's own file keeps its tables and gets ours beside them
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "sqlite:PATH")]
    pub db: Database,
}

/// Options of `enqueue`.
#[derive(Debug, Args)]
#[command(
    after_help = "A line: {\"topic\",\"payload\" or \"payload_base64\",\"key\"?,\"headers\"?,\"id\"?}\n\
                        All lines of a file are one transaction: one bad line, and nothing is enqueued.\n\
                        A message whose id is pending, held or dead already is skipped."
)]
pub struct Enqueue {
    /// The database
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "sqlite:PATH")]
    pub db: Database,
    /// The lines; - is standard input
    #[arg(long, default_value = "-")]
    pub file: String,
    /// Commit each line on its own, as it arrives; stop at the first bad one
    #[arg(long)]
    pub per_line: bool,
}

/// Options of `relay`.
#[derive(Debug, Args)]
#[command(after_help = "Several relays may run: one works, the others stand by and take over.")]
pub struct Relay {
    /// The database
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "sqlite:PATH")]
    pub db: Database,
    /// Where to: stdout, or file:PATH
    #[arg(long, value_name = "SINK")]
    pub sink: SinkName,
    /// Stop when everything committed is delivered, given up or parked
    #[arg(long)]
    pub until_empty: bool,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The database
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "sqlite:PATH")]
    pub db: Database,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The commands under `topic`.
#[derive(Debug, Subcommand)]
pub enum TopicCommand {
    /// Does the pattern match the topic? Without arguments: lines of PATTERN, a tab and TOPIC on standard input
    #[command(after_help = "Answers true, false or error: ..., a line for each.\n\
                            * stands for one token, a last > for one or more: orders.* matches orders.created.")]
    Match(TopicMatch),
}

/// Options of `topic match`.
#[derive(Debug, Args)]
pub struct TopicMatch {
    /// For example orders.*
    #[arg(requires = "topic")]
    pub pattern: Option<String>,
    /// For example orders.created
    pub topic: Option<String>,
}
