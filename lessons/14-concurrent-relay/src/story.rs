//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Pace, Story};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::event::outbox;
use crate::file::SlowFile;
use crate::service::Outbox;
use crate::{log, relay, schedule, service, wrong};

pub use crate::clock::from_nine_o_clock;

/// Each wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 14: a concurrent relay")
        .hurried_scene("lazy", "Wrong: mapped, but not collected", 4, lazy)
        .hurried_scene("four-at-once", "Right: spawn, collect, await", 4, |journal, pace| {
            relay::relay_with_log(outbox(), Vec::new(), from_nine_o_clock(), journal, pace)
        })
        .hurried_scene("torn-lines", "Wrong: every task writes to the log", 4, torn_lines)
        .hurried_scene("one-writer", "Right: one task owns the log", 4, one_writer)
        .scene("log-and-block", "Wrong: a task logs, and blocks its thread", log_and_block)
        .scene("log-and-wait", "Right: the writer waits, and other tasks run", log_and_wait)
        .scene("service-loop", "Query, publish, mark, repeat", |journal| {
            service::run(Outbox::new(&[300, 100, 200, 100, 200]), journal)
        })
        .for_real_in("For real, with a log file", |journal, folder| {
            relay::relay_to_file(outbox(), folder, journal)
        })
        .claims(schedule::claims())
}

async fn lazy(journal: Journal, pace: Pace) {
    let (log, entries) = mpsc::channel(64);
    let writing = tokio::spawn(log::write_lines(entries, Vec::new(), from_nine_o_clock()));
    wrong::lazy(outbox(), log, journal, pace).await;
    writing.await.expect("the writer does not panic").expect("memory can be written");
}

async fn torn_lines(journal: Journal, pace: Pace) {
    let file = SlowFile::new(Duration::from_millis(10));
    let relaying = wrong::tear_lines(outbox(), file.clone(), from_nine_o_clock(), pace);
    relaying.await.expect("memory can be written");
    file.show(&journal);
}

async fn one_writer(journal: Journal, pace: Pace) {
    let file = SlowFile::new(Duration::from_millis(10));
    let hidden = Journal::new(); // this scene shows the lines only
    let relaying = relay::relay_with_log(outbox(), file.clone(), from_nine_o_clock(), hidden, pace);
    relaying.await.expect("memory can be written");
    file.show(&journal);
}

/// A heartbeat, and a task that blocks their thread to log.
pub async fn log_and_block(journal: Journal) {
    let beating = tokio::spawn(heartbeat(journal.clone()));
    sleep(Duration::from_millis(50)).await; // publishing
    let before = beats(&journal);
    journal.log("task 1", "logs");
    wrong::append_and_block(wrong::BlockingDisk).await;
    journal.log("task 1", format_args!("line written; beats meanwhile: {}", beats(&journal) - before));
    beating.await.expect("a heartbeat does not panic");
}

/// The same with a writer task whose disk is as slow.
pub async fn log_and_wait(journal: Journal) {
    let beating = tokio::spawn(heartbeat(journal.clone()));
    let (log, entries) = mpsc::channel(64);
    let disk = SlowFile::new(Duration::from_millis(300));
    let writing = tokio::spawn(log::write_lines(entries, disk, from_nine_o_clock()));
    sleep(Duration::from_millis(50)).await;
    let before = beats(&journal);
    journal.log("task 1", "logs");
    log.send("relayed upload: report.pdf".to_owned()).await.expect("the writer is there");
    journal.log("task 1", "continues");
    drop(log);
    writing.await.expect("the writer does not panic").expect("memory can be written");
    journal.log("writer", format_args!("line written; beats meanwhile: {}", beats(&journal) - before));
    beating.await.expect("a heartbeat does not panic");
}

async fn heartbeat(journal: Journal) {
    for number in 1..=4 {
        journal.log("heartbeat", format_args!("beat {number}"));
        sleep(Duration::from_millis(100)).await;
    }
}

fn beats(journal: &Journal) -> usize {
    journal.entries().iter().filter(|entry| entry.task == "heartbeat").count()
}
