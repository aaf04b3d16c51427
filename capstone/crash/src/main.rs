//! The crash campaign: kills the real program at random and at every fail point, starts it again, and compares what was
//! committed with what was delivered.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `kind` | what a campaign does: start here |
//! | `setting` | what it is asked for |
//! | `campaign` | the rounds of kills |
//! | `plan` | how such a round's relay is to end |
//! | `relays` | several at once |
//! | `scene` | what every kind begins with, and how it is compared |
//! | `relay` | one relay that lives while other things happen |
//! | `program` | the program under test: built with fail points, started, killed |
//! | `place` | the database, with a ledger that a trigger keeps |
//! | `workload` | messages, and who writes them |
//! | `written`, `foreign` | what became of a message; rows as other programs write them |
//! | `writers` | a round of writing, and the ledger |
//! | `destination` | the sinks' other end: what was delivered |
//! | `outcome` | the verdict, for people and as JSON |

mod campaign;
mod destination;
mod foreign;
mod kind;
mod outcome;
mod place;
mod plan;
mod program;
mod relay;
mod relays;
mod scene;
mod setting;
mod workload;
mod writers;
mod written;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use setting::{DatabaseKind, Kind, Setting, SinkKind};

/// Kills the program, starts it again, and checks what it delivered.
#[derive(Debug, Parser)]
#[command(after_help = "Exit codes: 0 everything holds, 1 something does not, 2 wrong usage.")]
struct Cli {
    /// How many processes to kill; of the other kinds, how many rounds
    count: u64,
    /// What all choices follow from; printed, so that a run can be repeated
    #[arg(default_value_t = fastrand::u64(..1_000_000))]
    seed: u64,
    /// What is done to the program
    #[arg(long, default_value = "kill")]
    kind: Kind,
    /// Where messages wait, if the kind leaves a choice; a PostgreSQL is started
    #[arg(long)]
    db: Option<DatabaseKind>,
    /// Where they go
    #[arg(long)]
    sink: Option<SinkKind>,
    /// How many relays at once; several want --sink nats, and --db postgres or --kind start
    #[arg(long, default_value_t = 1)]
    relays: usize,
    /// Print the outcome as one line of JSON
    #[arg(long)]
    json: bool,
    /// The program, built with the features failpoints, nats and postgres; without this, cargo builds it
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let wrong = |error| Cli::command().error(ErrorKind::ArgumentConflict, error).exit();
    let setting = Setting::new(cli.kind, cli.db, cli.sink, cli.relays).unwrap_or_else(wrong);
    let program = program::find(cli.program)?;
    eprintln!("{} {}, seed {}", cli.count, setting.kind.unit(), cli.seed);
    let outcome = kind::run(program, setting, cli.count, cli.seed).await?;
    if cli.json {
        println!("{}", serde_json::to_string(&outcome)?);
    } else {
        println!("{outcome}");
    }
    Ok(if outcome.holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
