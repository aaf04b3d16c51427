//! The tests of exercise 18.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::publish_all;

#[tokio::test(start_paused = true)]
async fn it_returns_when_the_last_task_has_ended() {
    let journal = Journal::new();
    let events = vec!["order paid", "order shipped", "refund"];
    if timeout(HOUR, publish_all(events, journal.clone())).await.is_err() {
        let ended = journal.entries().len();
        panic!(
            "publish_all has not returned. {ended} of its 3 tasks ended within 130 ms, and an hour later it still \
             waits for the tracker"
        );
    }
    assert_journal!(
        journal,
        [
            (60, "refund", "published"),
            (100, "order paid", "published"),
            (130, "order shipped", "published"),
            (130, "main", "all events are published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_events_it_returns_at_once() {
    let journal = Journal::new();
    let returned = timeout(HOUR, publish_all(Vec::new(), journal.clone())).await.is_ok();
    assert!(returned, "publish_all has not returned, although it had nothing to do");
    assert_journal!(journal, [(0, "main", "all events are published")]);
}
