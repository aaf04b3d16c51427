//! The crash campaign: kills the real program at random and at every fail point, starts it again, and compares what was
//! committed with what was delivered.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `kind` | what a campaign does: start here |
//! | `campaign` | the rounds of kills |
//! | `plan` | how such a round's relay is to end |
//! | `relays` | several at once |
//! | `scene` | what every kind begins with, and how it is compared |
//! | `relay` | one relay that lives while other things happen |
//! | `program` | the program under test: built with fail points, started, killed |
//! | `place` | the database, with a ledger that a trigger keeps |
//! | `workload` | messages, and who writes them |
//! | `writers` | a round of writing, and the ledger |
//! | `destination` | the sinks' other end: what was delivered |
//! | `outcome` | the verdict, for people and as JSON |

mod campaign;
mod destination;
mod kind;
mod outcome;
mod place;
mod plan;
mod program;
mod relay;
mod relays;
mod scene;
mod workload;
mod writers;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};

use kind::Kind;

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

/// What is tried on what.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
struct Setting {
    kind: Kind,
    database: DatabaseKind,
    sink: SinkKind,
    /// At once.
    relays: usize,
}

impl Setting {
    /// What was asked for, where the kind can be tried on it.
    fn of(cli: &Cli) -> anyhow::Result<Self> {
        let (kind, relays) = (cli.kind, cli.relays);
        let database = cli.db.unwrap_or(kind.database());
        let sink = cli.sink.unwrap_or(kind.sink());
        let several = kind == Kind::Start || kind == Kind::Kill && database == DatabaseKind::Postgres;
        ensure!(relays > 0, "at least one relay");
        ensure!(
            relays == 1 || several && sink == SinkKind::Nats,
            "several relays want --sink nats, and --db postgres or --kind start"
        );
        kind.check(database, sink)?;
        Ok(Self { kind, database, sink, relays })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let wrong = |error| Cli::command().error(ErrorKind::ArgumentConflict, error).exit();
    let setting = Setting::of(&cli).unwrap_or_else(wrong);
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
