//! The tests of exercise 12.2. Your file and the solution are tested by this one copy.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::broadcast;
use tokio::time::{sleep, timeout};

use super::sut::{Order, Report, audit};

/// Numbers that are neither consecutive nor in order, each with the milliseconds that its check takes.
const ORDERS: [(u32, u64); 16] = [
    (70, 260),
    (12, 310),
    (45, 590),
    (31, 40),
    (98, 30),
    (20, 270),
    (64, 1130),
    (17, 470),
    (83, 20),
    (56, 370),
    (29, 210),
    (91, 130),
    (38, 20),
    (50, 370),
    (22, 210),
    (77, 50),
];

/// Polls `audit`, but not without end: a loop that never waits would stop the clock and hang the test.
async fn audited(orders: broadcast::Receiver<Order>, journal: Journal) -> Report {
    let mut audit = pin!(audit(orders, journal));
    let mut polls = 0;
    let polled = poll_fn(|context| {
        polls += 1;
        assert!(
            polls < 1000,
            "audit has woken up 1000 times for a few orders: \
             it keeps checking instead of waiting for the next order, or does not notice the end"
        );
        audit.as_mut().poll(context)
    });
    timeout(HOUR, polled).await.expect("audit did not return within an hour, although no sender was left")
}

fn assert_report(actual: Report, checked: &[u32], missed: u64, why: &str) {
    let expected = Report { checked: checked.to_vec(), missed };
    assert!(actual == expected, "{why}\nexpected: {expected:?}\nactual:   {actual:?}");
}

#[tokio::test(start_paused = true)]
async fn an_auditor_that_lags_continues_with_the_oldest_order_that_is_left() {
    let journal = Journal::new();
    let (tx, rx) = broadcast::channel(4);
    let auditing = tokio::spawn(audited(rx, journal.clone()));
    for (number, check_ms) in ORDERS {
        // Fails when nobody is subscribed; the journal shows which orders are not checked.
        drop(tx.send(Order { number, check_ms }));
        sleep(Duration::from_millis(110)).await;
    }
    drop(tx);
    let report = auditing.await.expect("audit panicked: see the message above");
    assert_journal!(
        journal,
        [
            (0, "auditor", "checks order 70"),
            (260, "auditor", "checks order 12"),
            (570, "auditor", "checks order 45"),
            (1160, "auditor", "checks order 17"),
            (1630, "auditor", "checks order 91"),
            (1760, "auditor", "checks order 38"),
            (1780, "auditor", "checks order 50"),
            (2150, "auditor", "checks order 22"),
            (2360, "auditor", "checks order 77"),
        ]
    );
    let checked = [70, 12, 45, 17, 91, 38, 50, 22, 77];
    let why =
        "16 orders were announced; 4 were overwritten while order 45 was checked, and 3 during order 17";
    assert_report(report, &checked, 7, why);
}

#[tokio::test(start_paused = true)]
async fn many_orders_can_be_missed_at_once() {
    let (tx, rx) = broadcast::channel(4);
    for number in (1..=300).rev().step_by(3) {
        tx.send(Order { number, check_ms: 10 }).expect("the auditor has subscribed");
    }
    drop(tx);
    let report = audited(rx, Journal::new()).await;
    let why = "100 orders were announced before the auditor started, and the channel holds the last 4";
    assert_report(report, &[12, 9, 6, 3], 96, why);
}

#[tokio::test(start_paused = true)]
async fn the_auditor_waits_until_the_last_sender_is_gone() {
    let journal = Journal::new();
    let (tx, rx) = broadcast::channel(4);
    let auditing = tokio::spawn({
        let journal = journal.clone();
        async move {
            let report = audited(rx, journal.clone()).await;
            journal.log("auditor", "ends");
            report
        }
    });
    let second = tx.clone();
    sleep(Duration::from_millis(50)).await;
    drop(tx.send(Order { number: 7, check_ms: 130 }));
    drop(tx);
    sleep(Duration::from_millis(95_410)).await;
    drop(second.send(Order { number: 3, check_ms: 30 }));
    sleep(Duration::from_millis(1770)).await;
    drop(second);
    let report = auditing.await.expect("audit panicked: see the message above");
    assert_journal!(
        journal,
        [
            (50, "auditor", "checks order 7"),
            (95_460, "auditor", "checks order 3"),
            (97_230, "auditor", "ends"),
        ]
    );
    assert_report(report, &[7, 3], 0, "two orders were announced, and none was overwritten");
}
