//! The tests of exercise 13.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{OutboxEvent, publish, relay};

async fn relayed(events: Vec<OutboxEvent>) -> Journal {
    let journal = Journal::new();
    if timeout(HOUR, relay(events, journal.clone())).await.is_err() {
        journal.log("test", "gave up after an hour: relay did not return");
    }
    journal
}

/// What `publish` returns for each of these payments, and after how many milliseconds.
async fn payments(cents: &[i64]) -> Vec<(i64, Result<String, &'static str>, u128)> {
    let mut outcomes = Vec::new();
    for &cents in cents {
        let start = Instant::now();
        let publishing = tokio::spawn(async move { publish(&OutboxEvent::Payment(cents)).await });
        let ended = timeout(HOUR, publishing).await.expect("publish did not return within an hour");
        let outcome = ended.expect("publish panicked, but it must return a Result");
        outcomes.push((cents, outcome, start.elapsed().as_millis()));
    }
    outcomes
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
async fn an_invalid_payment_is_an_error_at_once() {
    for (cents, outcome, took_ms) in payments(&[-1, 0, -300, i64::MIN]).await {
        assert!(
            outcome == Err("invalid payment amount"),
            "a payment of {cents} cents is invalid, so publish must return Err(\"invalid payment amount\"), \
             but it returned {outcome:?}"
        );
        assert!(
            took_ms == 0,
            "publish rejected a payment of {cents} cents after {took_ms} ms: it must not work on it first"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_valid_payment_takes_800_ms() {
    for (cents, outcome, took_ms) in payments(&[1, 29, 70_000, i64::MAX]).await {
        let expected = Ok(format!("payment of {cents} cents processed"));
        assert!(
            outcome == expected,
            "a payment of {cents} cents is valid, so publish must return {expected:?}, but it returned {outcome:?}"
        );
        assert!(
            took_ms == 800,
            "publish returned after {took_ms} ms, but a valid payment of {cents} cents takes 800 ms"
        );
    }
}
