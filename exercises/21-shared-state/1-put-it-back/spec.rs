//! The tests of exercise 21.1. Your file and the solution are tested by this one copy.

use shared::schedule::assert_holds_in;
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::{Broker, publish_all};

const STUCK: &str = "publish_all does not return, and no task can make progress: some worker waits for a lock that is never released";

#[tokio::test(start_paused = true)]
async fn three_events_are_published_at_a_time_and_a_refused_one_is_sent_again_after_all_others() {
    let journal = Journal::new();
    let plan = [(5, 210, 0), (3, 100, 1), (8, 330, 0), (1, 50, 0), (9, 130, 2)];
    let broker = Broker::new(plan, journal.clone());
    timeout(HOUR, publish_all(vec![5, 3, 8, 1, 9], broker)).await.expect(STUCK);
    journal.log("caller", "has its answer");
    assert_journal!(
        journal,
        [
            (0, "event 5", "is sent"),
            (0, "event 3", "is sent"),
            (0, "event 8", "is sent"),
            (100, "event 3", "is refused"),
            (100, "event 1", "is sent"),
            (150, "event 1", "is confirmed"),
            (150, "event 9", "is sent"),
            (210, "event 5", "is confirmed"),
            (210, "event 3", "is sent"),
            (280, "event 9", "is refused"),
            (280, "event 9", "is sent"),
            (310, "event 3", "is confirmed"),
            (330, "event 8", "is confirmed"),
            (410, "event 9", "is refused"),
            (410, "event 9", "is sent"),
            (540, "event 9", "is confirmed"),
            (540, "caller", "has its answer"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_refusals_a_worker_takes_the_next_event_as_soon_as_it_is_free() {
    let journal = Journal::new();
    let broker = Broker::new([(7, 90, 0), (2, 40, 0), (6, 200, 0), (4, 110, 0)], journal.clone());
    timeout(HOUR, publish_all(vec![6, 2, 7, 4], broker)).await.expect(STUCK);
    journal.log("caller", "has its answer");
    assert_journal!(
        journal,
        [
            (0, "event 6", "is sent"),
            (0, "event 2", "is sent"),
            (0, "event 7", "is sent"),
            (40, "event 2", "is confirmed"),
            (40, "event 4", "is sent"),
            (90, "event 7", "is confirmed"),
            (150, "event 4", "is confirmed"),
            (200, "event 6", "is confirmed"),
            (200, "caller", "has its answer"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_to_publish_takes_no_time() {
    let journal = Journal::new();
    timeout(HOUR, publish_all(vec![], Broker::new([], journal.clone()))).await.expect(STUCK);
    assert_journal!(journal, []);
}

/// Events that end at the same moments, so that the workers meet at the queue; in a thousand schedules.
#[test]
fn in_every_schedule_each_event_is_confirmed_once() {
    const EVENTS: [u32; 5] = [5, 3, 8, 1, 9];
    let story = |journal: Journal| {
        let plan = [(5, 100, 0), (3, 100, 1), (8, 100, 0), (1, 100, 0), (9, 100, 2)];
        publish_all(EVENTS.to_vec(), Broker::new(plan, journal))
    };
    let each_once = |journal: &[Entry]| {
        for event in EVENTS.map(|event| format!("event {event}")) {
            let entries = journal.iter().filter(|entry| entry.task == event && entry.what == "is confirmed");
            match entries.count() {
                1 => {}
                times => return Err(format!("{event} is confirmed {times} times")),
            }
        }
        Ok(())
    };
    assert_holds_in(1000, story, each_once);
}
