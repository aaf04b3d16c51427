//! `capstone doctor`: what is wrong with a database, or may go wrong, and what to do about it.

use std::io::{self, Write};

use capstone_outbox::doctor::{Finding, Level};
use capstone_outbox::sqlite::SqliteStore;

use super::table::plain;
use crate::Exit;
use crate::cli;
use crate::database::Database;

/// Runs the command.
///
/// # Errors
/// Nobody reads the answer.
pub async fn run(options: cli::Doctor) -> anyhow::Result<Exit> {
    let findings = match &options.outbox.db {
        Database::Sqlite(path) => SqliteStore::examine(path).await,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => target.examine().await,
    };
    let mut out = io::stdout().lock();
    for finding in &findings {
        if options.outbox.json {
            writeln!(out, "{}", serde_json::to_string(finding)?)?;
        } else {
            out.write_all(text(finding).as_bytes())?;
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (problems, warnings) = (count(Level::Problem), count(Level::Warning));
    eprintln!("{} checks; problems: {problems}, warnings: {warnings}", findings.len());
    Ok(if problems == 0 { Exit::Done } else { Exit::Failed })
}

/// One line on what it means, and one on what to do.
fn text(finding: &Finding) -> String {
    let Finding { check, level, meaning, advice } = finding;
    let mut text = format!("{level:<7}  {check:<19}  {}\n", plain(meaning));
    if let Some(advice) = advice {
        text += &format!("{:<7}  {:<19}  do: {}\n", "", "", plain(advice));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_what_it_means_and_what_to_do() {
        assert_eq!(text(&Finding::ok("tables", "version 4")), "ok       tables               version 4\n");
        assert_eq!(
            text(&Finding::problem("relay", "3 wait\u{1b}[2J", "start one")),
            "problem  relay                3 wait [2J\n                              do: start one\n"
        );
    }
}
