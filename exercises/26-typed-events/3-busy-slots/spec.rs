//! The tests of exercise 26.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Bus, Event, emit_batch};

/// Orders as number and milliseconds.
fn events(orders: &[(u32, u64)]) -> Vec<Event> {
    orders.iter().map(|&(order, ms)| Event { order, takes: Duration::from_millis(ms) }).collect()
}

/// Emits a batch, and logs each report as the order and how many were handled by then.
async fn emitted(orders: &[(u32, u64)], at_once: usize) -> Journal {
    let journal = Journal::new();
    let (bus, events) = (Bus::new(journal.clone()), events(orders));
    let emitting = tokio::spawn(async move { timeout(HOUR, emit_batch(&bus, events, at_once)).await });
    let what = match emitting.await.expect("emit_batch panicked: see the message above") {
        Ok(reports) => {
            let reports: Vec<_> = reports.iter().map(|report| (report.order, report.handled)).collect();
            format!("reports: {reports:?}")
        }
        Err(_elapsed) => "gave up after an hour: emit_batch did not return".to_owned(),
    };
    journal.log("batch", what);
    journal
}

#[tokio::test(start_paused = true)]
async fn the_next_event_begins_as_soon_as_any_has_ended() {
    let orders = [(31, 400), (5, 70), (18, 130), (2, 90), (44, 65), (9, 250)];
    assert_journal!(
        emitted(&orders, 3).await,
        [
            (0, "order 31", "begins"),
            (0, "order 5", "begins"),
            (0, "order 18", "begins"),
            (70, "order 5", "ends"),
            (70, "order 2", "begins"),
            (130, "order 18", "ends"),
            (130, "order 44", "begins"),
            (160, "order 2", "ends"),
            (160, "order 9", "begins"),
            (195, "order 44", "ends"),
            (400, "order 31", "ends"),
            (410, "order 9", "ends"),
            (410, "batch", "reports: [(31, 5), (5, 1), (18, 2), (2, 3), (44, 4), (9, 6)]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_at_a_time_is_one_after_another() {
    assert_journal!(
        emitted(&[(8, 35), (3, 110), (6, 20)], 1).await,
        [
            (0, "order 8", "begins"),
            (35, "order 8", "ends"),
            (35, "order 3", "begins"),
            (145, "order 3", "ends"),
            (145, "order 6", "begins"),
            (165, "order 6", "ends"),
            (165, "batch", "reports: [(8, 1), (3, 2), (6, 3)]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn there_may_be_more_slots_than_events() {
    assert_journal!(
        emitted(&[(8, 35), (3, 20)], 1000).await,
        [
            (0, "order 8", "begins"),
            (0, "order 3", "begins"),
            (20, "order 3", "ends"),
            (35, "order 8", "ends"),
            (35, "batch", "reports: [(8, 2), (3, 1)]"),
        ]
    );
    assert_journal!(emitted(&[], 3).await, [(0, "batch", "reports: []")]);
}

#[tokio::test(start_paused = true)]
async fn when_the_batch_is_dropped_its_events_end() {
    let journal = Journal::new();
    let bus = Bus::new(journal.clone());
    let emitting = emit_batch(&bus, events(&[(8, 35), (3, 110), (6, 40), (1, 20)]), 2);
    let dropped = timeout(Duration::from_millis(60), emitting).await;
    assert!(dropped.is_err(), "emit_batch returned after less than 60 ms, but an event takes 110 ms");
    journal.log("test", "has dropped the batch");
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (0, "order 8", "begins"),
            (0, "order 3", "begins"),
            (35, "order 8", "ends"),
            (35, "order 6", "begins"),
            (60, "test", "has dropped the batch"),
        ]
    );
}
