//! The tests of exercise 14.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::Outcome::{Crashed, Published, Refused};
use super::sut::{Outcome, publish_all};

const EVENTS: [&str; 6] = ["order:1", "no topic", "order:2", "", "order:3", "no topic either"];

#[tokio::test(start_paused = true)]
async fn every_event_has_an_outcome() {
    let started = Instant::now();
    // In a task of its own: if it panics, we want to say more than that it did.
    let publishing = tokio::spawn(publish_all(EVENTS.map(str::to_owned).into()));
    let empty = Refused("the event is empty".to_owned());
    let expected = [Published, Crashed, Published, empty, Published, Crashed];
    match timeout(HOUR, publishing).await.expect("no task can go on") {
        Ok(outcomes) => compare(&outcomes, &expected),
        Err(_) => {
            panic!("publish_all has panicked, because a task has: the outcomes of all 6 events are lost")
        }
    }
    assert_eq!(started.elapsed(), Duration::from_millis(100), "all events are published at once");
}

#[track_caller]
fn compare(outcomes: &[Outcome], expected: &[Outcome]) {
    let show = |outcome: Option<&Outcome>| outcome.map_or("nothing".to_owned(), |it| format!("{it:?}"));
    let rows: Vec<String> = (0..EVENTS.len().max(outcomes.len()))
        .map(|at| {
            let event = EVENTS.get(at).map_or("no event".to_owned(), |event| format!("{event:?}"));
            format!("  {event:<17}  expected {:<31}  was {}", show(expected.get(at)), show(outcomes.get(at)))
        })
        .collect();
    assert!(
        outcomes == expected,
        "not every event has the outcome that it should have:\n{}",
        rows.join("\n")
    );
}
