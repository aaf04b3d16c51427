//! Tasks: `spawn` hands a future to the runtime, which starts it without an await. The handle brings the result back.

use shared::Journal;

use crate::publish::{OUTBOX, publish};

/// Publishes the outbox with a task an event. Returns the names in the order of the outbox, however the tasks end.
// ANCHOR: at-once
pub async fn at_once(journal: Journal) -> Vec<&'static str> {
    let mut handles = Vec::new();
    for (task, event) in ["task 1", "task 2", "task 3"].into_iter().zip(OUTBOX) {
        handles.push(tokio::spawn(publish(task, event, journal.clone())));
    }
    journal.log("relay", "has spawned 3 tasks");

    let mut published = Vec::new();
    for handle in handles {
        published.push(handle.await.expect("no publish panics"));
    }
    journal.log("relay", format_args!("marks {} events as published", published.len()));
    published
}
// ANCHOR_END: at-once
