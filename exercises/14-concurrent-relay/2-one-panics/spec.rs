//! The tests of exercise 14.2. Your file and the solution are tested by this one copy.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::{Broker, Fate, Outcome, publish_all};

const STUCK: &str = "publish_all does not return, and no task can make progress";

type Event = (&'static str, u64, Fate);

/// Publishes these events, and compares their outcomes with what the broker did. Then compares the time.
async fn accounted_for(events: &[Event], expected_ms: u128) {
    let started = Instant::now();
    let names = events.iter().map(|(event, ..)| (*event).to_owned()).collect();
    // A panic of `publish_all` is caught here, to say more about it.
    let publishing = AssertUnwindSafe(publish_all(names, Broker::new(events.iter().copied()))).catch_unwind();
    let outcomes = timeout(HOUR, publishing).await.expect(STUCK).unwrap_or_else(|_panic| {
        panic!(
            "publish_all has panicked, because `publish` has: the outcomes of all {} events are lost",
            events.len()
        )
    });
    compare(events, &outcomes);
    let took_ms = started.elapsed().as_millis();
    assert_eq!(
        took_ms, expected_ms,
        "all events are published at once, each of them once: the slowest takes {expected_ms} ms, \
         and publish_all took {took_ms} ms"
    );
}

#[track_caller]
fn compare(events: &[Event], outcomes: &[Outcome]) {
    let expected: Vec<Outcome> = events.iter().map(|(_, _, fate)| due(*fate)).collect();
    let show = |outcome: Option<&Outcome>| outcome.map_or("nothing".to_owned(), |it| format!("{it:?}"));
    let rows: Vec<String> = (0..events.len().max(outcomes.len()))
        .map(|at| {
            let event = events.get(at).map_or("no event", |(event, ..)| event);
            format!("  {event:<9}  expected {:<24}  was {}", show(expected.get(at)), show(outcomes.get(at)))
        })
        .collect();
    assert!(
        outcomes == expected,
        "not every event has the outcome that it should have:\n{}",
        rows.join("\n")
    );
}

fn due(fate: Fate) -> Outcome {
    match fate {
        Fate::Stored => Outcome::Published,
        Fate::Refused(reason) => Outcome::Refused(reason.to_owned()),
        Fate::Panics => Outcome::Crashed,
    }
}

#[tokio::test(start_paused = true)]
async fn every_event_has_an_outcome() {
    let events = [
        ("order 9", 290, Fate::Stored),
        ("order 4", 130, Fate::Panics),
        ("order 7", 370, Fate::Refused("too large")),
        ("order 1", 70, Fate::Stored),
        ("order 12", 210, Fate::Panics),
        ("order 3", 170, Fate::Refused("no topic")),
    ];
    accounted_for(&events, 370).await;
}

#[tokio::test(start_paused = true)]
async fn the_last_outcome_may_be_a_panic() {
    let events = [
        ("order 4", 70, Fate::Refused("panics")),
        ("order 9", 290, Fate::Panics),
        ("order 1", 130, Fate::Stored),
    ];
    accounted_for(&events, 290).await;
}
