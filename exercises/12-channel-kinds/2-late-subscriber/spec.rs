//! The tests of exercise 12.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::broadcast;
use tokio::time::{sleep, timeout};

use super::sut::{Report, audit};

/// Announces so many orders to one auditor, one every 100 ms, through four places.
async fn audited(orders: u32, journal: &Journal) -> Report {
    let (tx, rx) = broadcast::channel(4);
    let auditing = tokio::spawn(audit(rx, journal.clone()));
    for order in 1..=orders {
        if tx.send(order).is_err() {
            journal.log("publisher", format_args!("nobody is subscribed, order {order} reaches nobody"));
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    drop(tx);
    match timeout(HOUR, auditing).await {
        Ok(report) => report.expect("the auditor does not panic"),
        Err(_) => {
            journal.log("test", "gave up: audit did not return, and no task could go on");
            Report::default()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_auditor_goes_on_with_the_oldest_order_that_is_left() {
    let journal = Journal::new();
    let report = audited(10, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "auditor", "checks order 1"),
            (260, "auditor", "checks order 2"),
            (520, "auditor", "checks order 3"),
            (780, "auditor", "checks order 5"),
            (1040, "auditor", "checks order 7"),
            (1300, "auditor", "checks order 8"),
            (1560, "auditor", "checks order 9"),
            (1820, "auditor", "checks order 10"),
        ]
    );
    assert_eq!(report.checked, [1, 2, 3, 5, 7, 8, 9, 10], "what the report says was checked");
    assert_eq!(
        report.missed, 2,
        "orders 4 and 6 were overwritten, so the report must say that 2 were missed"
    );
}

#[tokio::test(start_paused = true)]
async fn many_may_be_missed_at_once() {
    let (tx, rx) = broadcast::channel(4);
    for order in 1..=100 {
        tx.send(order).unwrap();
    }
    drop(tx);
    let report = timeout(HOUR, audit(rx, Journal::new())).await.expect("audit does not return");
    let expected = Report { checked: vec![97, 98, 99, 100], missed: 96 };
    assert!(
        report == expected,
        "100 orders were announced before the auditor came, and the channel has kept 4.\n\
         expected: {expected:?}\n\
         actual:   {report:?}"
    );
}
