//! The tests of exercise 10.1. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Answer, Broker, relay};

/// Relays these events. For each: after how many milliseconds the broker answers, and whether it confirms.
async fn relayed(events: &[(&'static str, u64, bool)]) -> Journal {
    let journal = Journal::new();
    let answers = events.iter().map(|&(event, after_ms, confirms)| {
        let after = Duration::from_millis(after_ms);
        (event, Answer { after, confirms })
    });
    let broker = Broker { journal: journal.clone(), answers: Arc::new(answers.collect()) };
    let outbox = events.iter().map(|&(event, ..)| event).collect();
    match timeout(HOUR, relay(outbox, broker)).await {
        Ok(confirmed) => journal.log("relay", format_args!("reports {confirmed} confirmed")),
        Err(_) => journal.log("test", "gave up: no task could make progress"),
    }
    sleep(Duration::from_secs(1)).await; // what is still running shows in the journal
    journal
}

#[tokio::test(start_paused = true)]
async fn the_broker_receives_every_event_one_after_another() {
    let journal = relayed(&[
        ("upload completed", 130, true),
        ("payment processed", 370, true),
        ("notification delivered", 60, true),
    ])
    .await;
    assert_journal!(
        journal,
        [
            (0, "broker", "received upload completed"),
            (130, "broker", "confirmed upload completed"),
            (130, "broker", "received payment processed"),
            (500, "broker", "confirmed payment processed"),
            (500, "broker", "received notification delivered"),
            (560, "broker", "confirmed notification delivered"),
            (560, "relay", "reports 3 confirmed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_event_is_not_counted_and_stops_nothing() {
    let journal = relayed(&[
        ("order 1", 40, true),
        ("order 2", 15, false),
        ("order 3", 90, true),
        ("order 4", 25, false),
    ])
    .await;
    assert_journal!(
        journal,
        [
            (0, "broker", "received order 1"),
            (40, "broker", "confirmed order 1"),
            (40, "broker", "received order 2"),
            (55, "broker", "refused order 2"),
            (55, "broker", "received order 3"),
            (145, "broker", "confirmed order 3"),
            (145, "broker", "received order 4"),
            (170, "broker", "refused order 4"),
            (170, "relay", "reports 2 confirmed"),
        ]
    );
}
