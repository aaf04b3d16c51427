//! The tests of exercise 17.2. Your file and the solution are tested by this one copy.

use std::collections::BTreeMap;

use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::Outcome::{Crashed, Published, Refused, Stopped};
use super::sut::{Outcome, publish_all};

/// Publishes the events, and compares what became of each.
async fn published(events: &[&'static str], stop: &[&str], expected: &[(&'static str, Outcome)]) {
    let started = Instant::now();
    let outcomes = timeout(HOUR, publish_all(events, stop)).await.expect("no task can go on");
    let expected: BTreeMap<_, _> = expected.iter().cloned().collect();
    let show = |outcome: Option<&Outcome>| outcome.map_or("nothing".to_owned(), |it| format!("{it:?}"));
    let names: BTreeMap<&str, ()> = expected.keys().chain(outcomes.keys()).map(|name| (*name, ())).collect();
    let rows: Vec<String> = names
        .keys()
        .map(|name| {
            let (want, got) = (show(expected.get(name)), show(outcomes.get(name)));
            format!("  {name:<12}  expected {want:<25}  was {got}")
        })
        .collect();
    assert!(outcomes == expected, "not every event has its outcome:\n{}", rows.join("\n"));
    assert_eq!(started.elapsed().as_millis(), 100, "all events are published at once");
}

#[tokio::test(start_paused = true)]
async fn all_are_published() {
    published(&["order:1", "order:2"], &[], &[("order:1", Published), ("order:2", Published)]).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_not_an_abort_and_each_has_its_event() {
    published(
        &["order:1", "nonsense", ":3", "order:4"],
        &["order:4"],
        &[
            ("order:1", Published),
            ("nonsense", Crashed),
            (":3", Refused("no topic for 3".to_owned())),
            ("order:4", Stopped),
        ],
    )
    .await;
}
