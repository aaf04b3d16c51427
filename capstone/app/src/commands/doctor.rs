//! `capstone doctor`: what is wrong with a database or a sink, or may go wrong, and what to do about it.

use std::io::{self, Write};
use std::path::Path;

use capstone_outbox::doctor::{Finding, Level};
use capstone_outbox::sqlite::SqliteStore;

#[cfg(feature = "nats")]
use super::relay;
use crate::Exit;
use crate::cli::{self, SinkName};
use crate::config::Settings;
use crate::database::Database;
use crate::table::plain;

/// Runs the command.
///
/// # Errors
/// Nobody reads the answer.
pub async fn run(options: cli::Doctor, settings: &Settings) -> anyhow::Result<Exit> {
    let mut findings = match &options.outbox.db {
        Database::Sqlite(path) => SqliteStore::examine(path).await,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => target.examine().await,
    };
    if let Some(sink) = &options.sink {
        findings.extend(examine(sink, &options, settings).await);
    }
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
    say!("{} checks; problems: {problems}, warnings: {warnings}", findings.len());
    Ok(if problems == 0 { Exit::Done } else { Exit::Failed })
}

#[cfg_attr(
    not(feature = "nats"),
    expect(clippy::unused_async, unused_variables, reason = "only NATS is asked")
)]
async fn examine(sink: &SinkName, options: &cli::Doctor, settings: &Settings) -> Vec<Finding> {
    match sink {
        // Standard output is there, and a stream lies in the database.
        SinkName::Stdout | SinkName::Stream(_) => Vec::new(),
        SinkName::File(path) => vec![folder(path)],
        #[cfg(feature = "nats")]
        SinkName::Nats(server) => nats(&server.address, options, settings).await,
        #[cfg(feature = "nats")]
        SinkName::NatsOverTls(server) => nats(&format!("tls://{}", server.address), options, settings).await,
    }
}

fn folder(path: &Path) -> Finding {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() && (path.is_file() || !path.exists()) {
        return Finding::ok("file", "its folder is there");
    }
    let meaning = format!("{} is no regular file, or in no folder", path.display());
    let advice =
        "create the folder that it is to be in, or name another file; for a pipe there is the sink stdout";
    Finding::problem("file", meaning, advice)
}

#[cfg(feature = "nats")]
async fn nats(address: &str, options: &cli::Doctor, settings: &Settings) -> Vec<Finding> {
    match relay::nats::connect(address, options.nats_creds.as_deref(), settings).await {
        Ok(sink) => sink.examine(&settings.relay).await,
        Err(error) => {
            let advice = "see that the address is right, that nats-server runs there, and who the relay says that it is: the \
                 section [nats] of the settings, or CAPSTONE_TOKEN";
            vec![Finding::problem("NATS", format!("{error:#}"), advice)]
        }
    }
}

/// One line on what it means, and one on what to do.
fn text(finding: &Finding) -> String {
    let Finding { check, level, meaning, advice, .. } = finding;
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
