//! The scenes that `main` tells and that the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use shared::{Journal, Pace, Story};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::event::outbox;
use crate::file::SlowFile;
use crate::service::Outbox;
use crate::{log, relay, service, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 14: a concurrent relay")
        .hurried_scene("lazy", "Wrong: mapped, and not collected", 4, lazy)
        .hurried_scene("four-at-once", "Right: spawn, collect, await", 4, |journal, pace| {
            relay::relay_with_log(outbox(), Vec::new(), from_nine_o_clock(), journal, pace)
        })
        .hurried_scene("torn-lines", "Wrong: every task writes to the log", 4, torn_lines)
        .hurried_scene("one-writer", "Right: one task owns the log", 4, one_writer)
        .scene("log-and-block", "Wrong: a task logs, and blocks its thread", log_and_block)
        .scene("log-and-wait", "Right: the writer waits, and the thread goes on", log_and_wait)
        .scene("service-loop", "Query, publish, mark, repeat", |journal| {
            service::run(Outbox::new(&[300, 100, 200, 100, 200]), journal)
        })
        .for_real("For real, with its log file", |journal, folder| {
            relay::relay_to_file(outbox(), folder, journal)
        })
}

/// Nine o'clock, plus what Tokio's clock says: each run has the same stamps.
pub fn from_nine_o_clock() -> impl Fn() -> NaiveDateTime + Clone + Send + 'static {
    let nine = NaiveDate::from_ymd_opt(2026, 1, 15).and_then(|day| day.and_hms_opt(9, 0, 0));
    let (nine, start) = (nine.expect("there is such a moment"), Instant::now());
    move || nine + TimeDelta::from_std(start.elapsed()).expect("a story is shorter than an aeon")
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
    show(&file, &journal);
}

async fn one_writer(journal: Journal, pace: Pace) {
    let file = SlowFile::new(Duration::from_millis(10));
    let silent = Journal::new(); // this scene is about the lines
    let relaying = relay::relay_with_log(outbox(), file.clone(), from_nine_o_clock(), silent, pace);
    relaying.await.expect("memory can be written");
    show(&file, &journal);
}

fn show(file: &SlowFile, journal: &Journal) {
    for line in file.lines() {
        journal.log("log", line);
    }
}

/// A heartbeat beside a task that logs and blocks.
pub async fn log_and_block(journal: Journal) {
    let beating = tokio::spawn(heartbeat(journal.clone()));
    sleep(Duration::from_millis(50)).await; // publishing
    let before = beats(&journal);
    journal.log("task 1", "logs");
    wrong::append_and_block(wrong::BlockingDisk).await;
    journal.log("task 1", format_args!("has its line; beats meanwhile: {}", beats(&journal) - before));
    beating.await.expect("a heartbeat does not panic");
}

/// The same with a writer whose disk is as slow.
pub async fn log_and_wait(journal: Journal) {
    let beating = tokio::spawn(heartbeat(journal.clone()));
    let (log, entries) = mpsc::channel(64);
    let disk = SlowFile::new(Duration::from_millis(300));
    let writing = tokio::spawn(log::write_lines(entries, disk, from_nine_o_clock()));
    sleep(Duration::from_millis(50)).await;
    let before = beats(&journal);
    journal.log("task 1", "logs");
    log.send("relayed upload: report.pdf".to_owned()).await.expect("the writer is there");
    journal.log("task 1", "goes on");
    drop(log);
    writing.await.expect("the writer does not panic").expect("memory can be written");
    journal.log("writer", format_args!("has the line; beats meanwhile: {}", beats(&journal) - before));
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
