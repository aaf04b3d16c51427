//! The tests of exercise 14.3. Your file and the solution are tested by this one copy.

use std::pin::pin;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{Broker, Log, publish_all};

const STUCK: &str = "publish_all does not return, and no task can make progress: \
                     does the writer wait for a sender that is still alive?";

/// Two lanes, whose first events are confirmed almost at the same time.
fn two_lanes() -> Vec<Vec<u32>> {
    vec![vec![31, 12], vec![25, 8, 17]]
}

fn broker(journal: &Journal) -> Broker {
    Broker::new([(31, 130), (12, 240), (25, 135), (8, 90), (17, 168)], journal.clone())
}

#[track_caller]
fn assert_lines(log: &Log, ids: &[u32], when: &str) {
    let expected: String = ids.iter().map(|id| format!("  entry: event {id} published\n")).collect();
    let actual: String = log.text().lines().map(|line| format!("  {line}\n")).collect();
    let count = ids.len();
    assert!(
        actual == expected,
        "{when}, the log must hold {count} whole lines, in the order in which the events were confirmed.\n\
         expected:\n{expected}\
         actual:\n{actual}"
    );
}

#[tokio::test(start_paused = true)]
async fn every_line_is_whole_when_it_returns() {
    let (log, started) = (Log::default(), Instant::now());
    timeout(HOUR, publish_all(two_lanes(), broker(&Journal::new()), log.clone())).await.expect(STUCK);
    let took_ms = started.elapsed().as_millis();
    assert_lines(&log, &[31, 25, 8, 12, 17], "when publish_all returns");
    assert_eq!(
        took_ms, 413,
        "the last event is confirmed at 393 ms, when the log is free, and a line takes 20 ms: \
         publish_all must return at 413 ms, and returned at {took_ms} ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_line_is_written_as_soon_as_the_log_is_free() {
    let log = Log::default();
    let mut publishing = pin!(publish_all(two_lanes(), broker(&Journal::new()), log.clone()));
    timeout(Duration::from_millis(300), &mut publishing)
        .await
        .expect_err("it returned before all was published");
    assert_lines(&log, &[31, 25, 8], "at 300 ms");
    timeout(HOUR, publishing).await.expect(STUCK);
}

#[tokio::test(start_paused = true)]
async fn no_lane_waits_for_the_disk() {
    let journal = Journal::new();
    timeout(HOUR, publish_all(two_lanes(), broker(&journal), Log::default())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "event 31", "is sent"),
            (0, "event 25", "is sent"),
            (130, "event 31", "is confirmed"),
            (130, "event 12", "is sent"),
            (135, "event 25", "is confirmed"),
            (135, "event 8", "is sent"),
            (225, "event 8", "is confirmed"),
            (225, "event 17", "is sent"),
            (370, "event 12", "is confirmed"),
            (393, "event 17", "is confirmed"),
        ]
    );
}

/// A lane whose events are confirmed faster than their lines are written.
#[tokio::test(start_paused = true)]
async fn a_fast_lane_is_ahead_of_the_disk_by_what_the_channel_holds() {
    let (journal, log) = (Journal::new(), Log::default());
    let lane: Vec<u32> = (1..=100).collect();
    let broker = Broker::new(lane.iter().map(|&id| (id, 1)), journal.clone());
    let mut publishing = pin!(publish_all(vec![lane.clone()], broker, log.clone()));
    let mut most_waiting = 0;
    // Looks every 7 ms, for 20 s at most.
    for _ in 0..20_000 / 7 {
        if timeout(Duration::from_millis(7), &mut publishing).await.is_ok() {
            break;
        }
        let confirmed = journal.entries().iter().filter(|entry| entry.what == "is confirmed").count();
        most_waiting = most_waiting.max(confirmed.saturating_sub(log.text().lines().count()));
    }
    assert_lines(&log, &lane, "when publish_all has returned");
    assert!(
        (16..=40).contains(&most_waiting),
        "{most_waiting} confirmed events waited for their lines at once. The channel has 16 slots, so 16 do not make \
         the lane wait; and when all slots are taken, it must wait: more than 40 are too many"
    );
}
