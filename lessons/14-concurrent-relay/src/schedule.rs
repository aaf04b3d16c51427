//! What this lesson claims of every schedule. `cargo x schedule 14` tests it.

use std::time::Duration;

use shared::schedule::{Claim, Claims, Tasks};
use shared::{Entry, Journal};
use tokio::sync::mpsc;

use crate::clock::from_nine_o_clock;
use crate::file::SlowFile;
use crate::{log, wrong};

/// What three tasks log.
const ENTRIES: [&str; 3] = [
    "relayed upload: report.pdf",
    "payment of $12.50 processed",
    "notification delivered: your report is ready",
];

/// Each wrong version comes before the right one.
// ANCHOR: claim
pub fn claims() -> Claims {
    Claims::of_lesson(14).claim(
        Claim::in_every_schedule(
            "whole-lines",
            "Every line of the log is whole, whichever task goes on first",
            are_whole,
        )
        .wrong("every task writes to the log", every_task_writes)
        .right("one task owns the log", one_task_writes),
    )
}

fn are_whole(journal: &[Entry]) -> Result<(), String> {
    if journal.len() != ENTRIES.len() {
        return Err(format!("{} lines instead of {}", journal.len(), ENTRIES.len()));
    }
    for line in journal {
        let entry = line.what.split_once("] ").map_or("", |(_stamp, entry)| entry);
        if !ENTRIES.contains(&entry) {
            return Err(format!("the line \"{}\" is torn", line.what));
        }
    }
    Ok(())
}
// ANCHOR_END: claim

// ANCHOR: every-task-writes
async fn every_task_writes(journal: Journal) {
    let (file, now) = (SlowFile::new(Duration::ZERO), from_nine_o_clock());
    let mut tasks = Tasks::new();
    for entry in ENTRIES {
        let (mut file, now) = (file.clone(), now());
        tasks = tasks.with(async move { wrong::append(&mut file, now, entry).await });
    }
    tasks.run().await;
    file.show(&journal);
}
// ANCHOR_END: every-task-writes

async fn one_task_writes(journal: Journal) {
    let file = SlowFile::new(Duration::ZERO);
    let (log, entries) = mpsc::channel(64);
    let mut tasks = Tasks::new().with(log::write_lines(entries, file.clone(), from_nine_o_clock()));
    for entry in ENTRIES {
        let log = log.clone();
        tasks = tasks.with(async move { log.send(entry.to_owned()).await });
    }
    drop(log);
    tasks.run().await;
    file.show(&journal);
}
