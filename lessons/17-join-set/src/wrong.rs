//! The same ideas gone wrong. `tests/lesson.rs` proves what each does: it leaves tasks behind, is late, or loses results.

use shared::Journal;
use tokio::task::JoinSet;

use crate::event::{Event, Refused};
use crate::refill::{AT_ONCE, Row, publish};

/// Late, and leaves its tasks behind when it is dropped: dropping a handle does not stop its task.
// ANCHOR: handles
pub async fn relay(events: Vec<Event>, journal: Journal) {
    let tasks: Vec<_> =
        events.into_iter().map(|event| tokio::spawn(event.publish(journal.clone()))).collect();
    for task in tasks {
        match task.await.expect("no publish panics") {
            Ok(name) => journal.log("relay", format_args!("marks the {name}")),
            Err(refused) => journal.log("relay", format_args!("Error: {refused}")),
        }
    }
}
// ANCHOR_END: handles

/// Slow: a batch waits for its slowest row, while slots stay empty.
// ANCHOR: batches
pub async fn batches(rows: Vec<Row>, journal: Journal) {
    for batch in rows.chunks(AT_ONCE) {
        let mut tasks: JoinSet<u32> = batch.iter().map(|row| publish(*row, journal.clone())).collect();
        while let Some(ended) = tasks.join_next().await {
            let id = ended.expect("no publish panics");
            journal.log("relay", format_args!("marks row {id}"));
        }
    }
    journal.log("relay", "is done");
}
// ANCHOR_END: batches

/// Panics as soon as one task has panicked, and aborts the others.
// ANCHOR: join-all
pub async fn all_or_panic(events: Vec<Event>, journal: Journal) -> Vec<Result<&'static str, Refused>> {
    let tasks: JoinSet<_> = events.into_iter().map(|event| event.publish(journal.clone())).collect();
    tasks.join_all().await
}
// ANCHOR_END: join-all

/// Aborts all other tasks at the first error: `?` drops the set.
// ANCHOR: question-mark
pub async fn until_refused(events: Vec<Event>, journal: Journal) -> Result<(), Refused> {
    let mut tasks: JoinSet<_> = events.into_iter().map(|event| event.publish(journal.clone())).collect();
    while let Some(ended) = tasks.join_next().await {
        let name = ended.expect("no publish panics")?;
        journal.log("relay", format_args!("marks the {name}"));
    }
    Ok(())
}
// ANCHOR_END: question-mark

/// Grows without bound: a task that has ended stays in the set until it is joined. Returns how many are in the set.
// ANCHOR: never-joined
pub async fn never_joined(requests: u32) -> usize {
    let mut tasks = JoinSet::new();
    for request in 0..requests {
        tasks.spawn(async move { request });
        tokio::task::yield_now().await; // the task runs, and ends
    }
    tasks.len()
}
// ANCHOR_END: never-joined
