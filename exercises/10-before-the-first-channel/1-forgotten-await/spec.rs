//! The tests of exercise 10.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::relay;

#[tokio::test(start_paused = true)]
async fn the_broker_receives_every_event_in_order() {
    let journal = Journal::new();
    let events = vec!["upload completed", "payment processed", "notification delivered"];
    match timeout(HOUR, relay(events, journal.clone())).await {
        Ok(published) => journal.log("relay", format_args!("reports {published} events as published")),
        Err(_) => journal.log("test", "gave up: no task could go on"),
    }
    assert_journal!(
        journal,
        [
            (0, "broker", "received upload completed"),
            (100, "broker", "confirmed upload completed"),
            (100, "broker", "received payment processed"),
            (200, "broker", "confirmed payment processed"),
            (200, "broker", "received notification delivered"),
            (300, "broker", "confirmed notification delivered"),
            (300, "relay", "reports 3 events as published"),
        ]
    );
}
