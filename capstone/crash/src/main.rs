//! The crash campaign: kills the real program at random and at every fail point, starts it again, and compares what was
//! committed with what was delivered.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `campaign` | the rounds: start here |
//! | `plan` | how a round's relay is to end |
//! | `relays` | several at once |
//! | `program` | the program under test: built with fail points, started, killed |
//! | `place` | the database, with a ledger that a trigger keeps |
//! | `workload` | messages, and who writes them |
//! | `writers` | a round of writing, and the ledger |
//! | `destination` | the sinks' other end: what was delivered |
//! | `outcome` | the verdict, for people and as JSON |

mod campaign;
mod destination;
mod outcome;
mod place;
mod plan;
mod program;
mod relays;
mod workload;
mod writers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use campaign::Campaign;

/// Kills the program, starts it again, and checks what it delivered.
#[derive(Debug, Parser)]
#[command(after_help = "Exit codes: 0 everything holds, 1 something does not, 2 wrong usage.")]
struct Cli {
    /// How many processes to kill
    count: u64,
    /// What all choices follow from; printed, so that a run can be repeated
    #[arg(default_value_t = fastrand::u64(..1_000_000))]
    seed: u64,
    /// Where messages wait; a PostgreSQL is started, and killed now and then
    #[arg(long, default_value = "sqlite")]
    db: DatabaseKind,
    /// Where they go
    #[arg(long, default_value = "file")]
    sink: SinkKind,
    /// How many relays at once; several want --db postgres --sink nats
    #[arg(long, default_value_t = 1)]
    relays: usize,
    /// Print the outcome as one line of JSON
    #[arg(long)]
    json: bool,
    /// The program, built with the features failpoints, nats and postgres; without this, cargo builds it
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

/// `--db`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum DatabaseKind {
    #[default]
    Sqlite,
    Postgres,
}

/// `--sink`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum SinkKind {
    #[default]
    File,
    Nats,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let program = program::find(cli.program)?;
    eprintln!("{} kills, seed {}", cli.count, cli.seed);
    let outcome =
        Campaign::begin(program, (cli.db, cli.sink, cli.relays), cli.seed).await?.run(cli.count).await?;
    if cli.json {
        println!("{}", serde_json::to_string(&outcome)?);
    } else {
        println!("{outcome}");
    }
    Ok(if outcome.holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
