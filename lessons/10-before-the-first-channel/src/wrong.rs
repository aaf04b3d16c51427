//! The same ideas gone wrong. The tests show what each one does: it publishes nothing, is late, or blocks its thread.

use std::thread;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::blocking::PAUSE;
use crate::disk::Disk;
use crate::publish::{OUTBOX, publish};

/// Publishes nothing: each future is created and dropped. The compiler warns.
// ANCHOR: forgotten-await
#[expect(unused_must_use, reason = "the mistake shown here: nobody awaits the future")]
pub async fn forgotten_await(journal: Journal) {
    for event in OUTBOX {
        publish("relay", event, journal.clone());
    }
    journal.log("relay", "marks 3 events as published");
}
// ANCHOR_END: forgotten-await

/// Publishes nothing either. `let _ =` silences the compiler, but not clippy.
#[expect(clippy::let_underscore_future, reason = "the mistake shown here: the warning was silenced")]
#[expect(clippy::unused_async, reason = "without the await, nothing here is async")]
pub async fn silenced(journal: Journal) {
    for event in OUTBOX {
        let _ = publish("relay", event, journal.clone());
    }
    journal.log("relay", "marks 3 events as published");
}

/// Publishes nothing, and counts futures as if they were results.
// ANCHOR: counted
#[expect(clippy::unused_async, reason = "without the await, nothing here is async")]
pub async fn counted(journal: Journal) {
    let published: Vec<_> = OUTBOX.map(|event| publish("relay", event, journal.clone())).into();
    journal.log("relay", format_args!("marks {} events as published", published.len()));
}
// ANCHOR_END: counted

/// Late: three tasks, but each is awaited before the next one is spawned.
// ANCHOR: one-task-at-a-time
pub async fn one_task_at_a_time(journal: Journal) {
    for (task, event) in ["task 1", "task 2", "task 3"].into_iter().zip(OUTBOX) {
        let handle = tokio::spawn(publish(task, event, journal.clone()));
        handle.await.expect("no publish panics");
    }
    journal.log("relay", "marks 3 events as published");
}
// ANCHOR_END: one-task-at-a-time

/// Loses the confirmation: nobody awaits the handle, the program ends first, and the runtime drops the task.
// ANCHOR: left-behind
pub async fn left_behind(journal: Journal) {
    tokio::spawn(publish("task 1", OUTBOX[0], journal.clone()));
    sleep(Duration::from_millis(50)).await;
    journal.log("relay", "returns, and the program ends");
}
// ANCHOR_END: left-behind

/// Blocks its thread for 300 ms. No other task can run on that thread meanwhile.
// ANCHOR: rest
#[expect(clippy::disallowed_methods, reason = "the mistake shown here")]
#[expect(clippy::unused_async, reason = "it never gives its thread back, and clippy notices")]
pub async fn rest() {
    thread::sleep(PAUSE);
}
// ANCHOR_END: rest

/// Blocks its thread until the disk answers.
#[expect(clippy::unused_async, reason = "the mistake shown here: nothing is awaited")]
pub async fn read_in_the_task(disk: Disk) {
    disk.read();
}
