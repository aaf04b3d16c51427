//! Middleware: what it is around, and what it may do.

use capstone_bus::events::Events;

use super::{Journal, Tick, attempts, outcomes};
use crate::support::{drop_at, ms};

/// Notes when a call passes it, in and out.
fn around(events: &Events, journal: &Journal, name: &'static str) {
    let journal = journal.clone();
    events.wrap(move |call, next| {
        let journal = journal.clone();
        async move {
            let number = call.event::<Tick>().expect("the only event").0;
            journal.note(format!("{name} > {} {} {number} #{}", call.topic, call.handler, call.attempt));
            let result = next.run(call).await;
            journal.note(format!("{name} < {}", if result.is_ok() { "ok" } else { "failed" }));
            result
        }
    });
}

#[tokio::test(start_paused = true)]
async fn the_first_is_the_outermost_and_each_attempt_passes_all() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().name("h").retry(attempts(2, ms(10))).on_fallible(journal.fails("h"));
    around(&events, &journal, "outer");
    around(&events, &journal, "inner");
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["no"]);
    let passage = |at: u64, attempt: u32| {
        [
            format!("{at} outer > ticks h 1 #{attempt}"),
            format!("{at} inner > ticks h 1 #{attempt}"),
            format!("{at} h1"),
            format!("{at} inner < failed"),
            format!("{at} outer < failed"),
        ]
    };
    assert_eq!(journal.told(), [passage(0, 1), passage(10, 2)].concat());
}

#[tokio::test(start_paused = true)]
async fn it_may_refuse_a_call_delay_it_and_change_its_result() {
    let (events, journal) = (Events::new(), Journal::start());
    events.wrap(async |call, next| match call.event::<Tick>().map(|tick| tick.0) {
        Some(1) => Err("refused".into()),
        Some(2) => {
            tokio::time::sleep(ms(20)).await;
            next.run(call).await
        }
        _ => next.run(call).await.or(Ok(())),
    });
    events.handler().timeout(ms(10)).on_fallible(journal.fails("a"));
    let mut told = Vec::new();
    for number in 1..=3 {
        told.extend(outcomes(&events.emit(Tick(number)).await));
    }
    assert_eq!(told, ["refused", "timed out", "ok"], "within the timeout, around the result");
    assert_eq!(journal.told(), ["10 a3"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_passes_through_and_one_of_its_own_is_that_of_the_handler() {
    let (events, journal) = (Events::new(), Journal::start());
    events.on::<Tick>(async |_| panic!("the handler"));
    around(&events, &journal, "m");
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["panicked: the handler"]);
    assert_eq!(journal.told().len(), 1, "in, and never out");
    events.wrap(async |_, _| panic!("the middleware"));
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["panicked: the middleware"]);
}

#[tokio::test(start_paused = true)]
async fn the_next_one_dropped_at_each_of_its_polls_takes_the_handler_along() {
    let story = ["0 a1 begins", "10 a1 ends"];
    for (polls, told) in [(0, 0), (1, 1), (2, 2)] {
        let (events, journal) = (Events::new(), Journal::start());
        events.wrap(move |call, next| async move {
            drop_at(polls, next.run(call)).await.unwrap_or_else(|| Err("dropped".into()))
        });
        events.on(journal.handler("a", 10));
        let report = events.emit(Tick(1)).await;
        assert_eq!(outcomes(&report), [if polls == 2 { "ok" } else { "dropped" }]);
        assert_eq!(journal.told(), story[..told], "dropped at poll {polls}");
    }
}
