//! A process that writes: `capstone enqueue`.

use std::collections::HashSet;
use std::process::Stdio;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Draft, Ledger};
use crate::place::Place;
use crate::plan::End;
use crate::program::{self, Ended, Program};
use crate::written::Told;

/// How a process writes its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A transaction a line; those that wait share a commit.
    PerLine,
    /// One transaction.
    Whole,
    /// One transaction that ends with a bad line, and so is rolled back.
    Bad,
}

/// A process that writes.
pub(crate) struct Writer {
    pub(super) drafts: Vec<Draft>,
    pub(super) mode: Mode,
    pub(super) end: Option<End>,
}

/// What became of it.
pub(crate) struct Wrote {
    pub(crate) ledger: Ledger,
    /// `None`: nobody was to end it.
    pub(crate) ended: Option<Ended>,
    /// Why it stopped although its lines are good.
    pub(crate) refusal: Option<String>,
}

impl Writer {
    /// Runs the process and notes what it was told.
    pub(crate) async fn run(self, program: &Program, place: &Place) -> anyhow::Result<Wrote> {
        let (db, mut text) = (place.db(), self.drafts.iter().map(Draft::line).collect::<String>());
        let mut arguments = vec!["enqueue", "--db", &db];
        match self.mode {
            Mode::PerLine => arguments.extend(["--per-line", "--acknowledge"]),
            Mode::Whole => {}
            Mode::Bad => text += "this is no message\n",
        }
        let mut command = program.command(&place.folder, "enqueue.log", &arguments)?;
        let end = self.end.unwrap_or(End::Kill(program::LONG));
        program::arm(&mut command, end);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut stdout = child.stdout.take().context("it has a pipe")?;
        let mut pipe = child.stdin.take().context("it has a pipe")?;
        // What is killed, or stops at a bad line, does not read the rest.
        let feed = async {
            drop(pipe.write_all(text.as_bytes()).await);
            drop(pipe);
        };
        let mut acknowledged = String::new();
        let hear = stdout.read_to_string(&mut acknowledged);
        let ((), ended, heard) = tokio::join!(feed, program::see_end(&mut child, end), hear);
        heard?;
        let said = || std::fs::read_to_string(place.folder.join("enqueue.log")).unwrap_or_default();
        let ended = ended.with_context(|| format!("enqueue {:?}: {}", self.mode, said()))?;
        let told = match ended {
            Ended::Done => Told::Committed,
            Ended::Refused if self.mode == Mode::Bad => Told::RolledBack,
            _ => Told::Nothing,
        };
        let mut ledger = Ledger::new();
        // What was acknowledged before the kill is committed, whatever its writer lived to see.
        let acknowledged: HashSet<&str> = acknowledged.lines().collect();
        for draft in &self.drafts {
            let is_known = acknowledged.contains(draft.id.to_string().as_str());
            draft.note(&mut ledger, if is_known { Told::Committed } else { told });
        }
        let is_refused = ended == Ended::Refused && self.mode != Mode::Bad;
        let refusal = is_refused.then(|| format!("enqueue {:?}: {}", self.mode, said()));
        Ok(Wrote { ledger, ended: self.end.map(|_| ended), refusal })
    }
}
