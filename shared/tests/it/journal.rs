//! The journal stamps Tokio's clock and keeps the order.

use std::time::Duration;

use shared::Journal;
use tokio::time::{advance, sleep};

#[tokio::test(start_paused = true)]
async fn a_note_has_its_millisecond_its_place_and_its_task() {
    advance(Duration::from_secs(7)).await;
    let journal = Journal::new();
    journal.log("a", "starts");
    sleep(Duration::from_millis(250)).await;
    journal.clone().log(format_args!("worker {}", 2), 42);

    let entries: Vec<_> = journal.entries().into_iter().map(|e| (e.at_ms, e.seq, e.task, e.what)).collect();
    assert_eq!(entries, [(0, 0, "a".into(), "starts".into()), (250, 1, "worker 2".into(), "42".into())]);
}
