//! The tests of exercise 17.2. Your file and the solution are tested by this one copy.

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, sleep, timeout};

use super::sut::Outcome::{Crashed, Published, Refused, Stopped};
use super::sut::{Broker, Event, Outcome, publish_all};

/// What the broker does with an event, and what `publish_all` should say about it.
#[derive(Clone)]
struct Case {
    name: &'static str,
    /// How long the broker takes.
    takes_ms: u64,
    /// How the broker ends it, unless it is stopped before. `Crashed`: it panics.
    ends: Outcome,
    stopped_after_ms: Option<u64>,
    expected: Outcome,
}

#[derive(Clone)]
struct TestBroker(Vec<Case>);

impl Broker for TestBroker {
    async fn publish(&self, event: &'static str) -> Result<(), String> {
        let case = self.0.iter().find(|case| case.name == event).expect("an event of this test");
        sleep(Duration::from_millis(case.takes_ms)).await;
        match &case.ends {
            Refused(reason) => Err(reason.clone()),
            // Like `panic!`, but without its message, which would stand between those of the tests.
            Crashed => panic::resume_unwind(Box::new("a bug")),
            Published | Stopped => Ok(()),
        }
    }
}

fn case(name: &'static str, takes_ms: u64, ends: Outcome) -> Case {
    Case { name, takes_ms, expected: ends.clone(), ends, stopped_after_ms: None }
}

/// Publishes the events, and compares what became of each, and when `publish_all` returned.
async fn check(cases: Vec<Case>, expected_ms: u128) {
    let event = |case: &Case| Event {
        name: case.name,
        stopped_after: case.stopped_after_ms.map(Duration::from_millis),
    };
    let events: Vec<Event> = cases.iter().map(event).collect();
    let (started, broker) = (Instant::now(), TestBroker(cases.clone()));
    let publishing = tokio::spawn(async move { publish_all(&events, broker).await });
    let returned =
        timeout(HOUR, publishing).await.expect("publish_all has not returned, although all tasks have ended");
    let outcomes =
        returned.expect("publish_all itself panicked: a panic of one task must not end the others");
    let took_ms = started.elapsed().as_millis();

    let expected: BTreeMap<_, _> = cases.into_iter().map(|case| (case.name, case.expected)).collect();
    let show = |outcome: Option<&Outcome>| outcome.map_or("nothing".to_owned(), |it| format!("{it:?}"));
    let names: BTreeSet<&str> = expected.keys().chain(outcomes.keys()).copied().collect();
    let row = |name: &&str| {
        let (want, got) = (show(expected.get(name)), show(outcomes.get(name)));
        let mark = if want == got { "   " } else { "==>" };
        format!("{mark} {name}: expected {want}, was {got}\n")
    };
    let table: String = names.iter().map(row).collect();
    assert!(outcomes == expected, "not every event has its outcome:\n{table}");
    assert!(
        took_ms == expected_ms,
        "publish_all took {took_ms} ms, and the slowest event {expected_ms} ms: all must be published at once"
    );
}

#[tokio::test(start_paused = true)]
async fn every_event_has_its_own_outcome() {
    let cases = vec![
        case("order 1", 370, Published),
        case("order 2", 210, Crashed),
        case("order 3", 610, Refused("no topic".to_owned())),
        case("order 4", 130, Refused("too large".to_owned())),
        case("order 5", 90, Published),
    ];
    check(cases, 610).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_counts_only_if_the_event_has_not_ended() {
    let stopped_after = |ms, case| Case { stopped_after_ms: Some(ms), ..case };
    let cases = vec![
        stopped_after(500, case("order 1", 370, Crashed)),
        Case { expected: Stopped, ..stopped_after(130, case("order 2", 490, Published)) },
        stopped_after(500, case("order 3", 250, Published)),
        Case { expected: Stopped, ..stopped_after(290, case("order 4", 610, Crashed)) },
        stopped_after(500, case("order 5", 90, Refused("no topic".to_owned()))),
        case("order 6", 410, Crashed),
    ];
    check(cases, 410).await;
}

#[tokio::test(start_paused = true)]
async fn without_events_there_are_no_outcomes() {
    check(Vec::new(), 0).await;
}
