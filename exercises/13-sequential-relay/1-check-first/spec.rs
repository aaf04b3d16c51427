//! The tests of exercise 13.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::{OutboxEvent, relay};

async fn relayed(events: Vec<OutboxEvent>) -> Journal {
    let journal = Journal::new();
    if timeout(HOUR, relay(events, journal.clone())).await.is_err() {
        journal.log("test", "gave up: no task could go on");
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn four_events_of_which_one_is_invalid_take_1600_ms() {
    let events = vec![
        OutboxEvent::Upload("report.pdf".to_owned()),
        OutboxEvent::Payment(1250),
        OutboxEvent::Notification("your report is ready".to_owned()),
        OutboxEvent::Payment(-300),
    ];
    assert_journal!(
        relayed(events).await,
        [
            (500, "relay", "relayed upload: report.pdf"),
            (1300, "relay", "payment of 1250 cents processed"),
            (1600, "relay", "notification delivered: your report is ready"),
            (1600, "relay", "Error: invalid payment amount"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_no_payment() {
    assert_journal!(
        relayed(vec![OutboxEvent::Payment(0), OutboxEvent::Payment(99)]).await,
        [(0, "relay", "Error: invalid payment amount"), (800, "relay", "payment of 99 cents processed")]
    );
}
