//! The tests of exercise 26.1. Your file and the solution are tested by this one copy.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Bus, Handled, Outcome};

/// Registers a handler that takes this long, logs the order, and ends like this.
fn handler(bus: &mut Bus, journal: &Journal, name: &'static str, takes_ms: u64, end: fn() -> Handled) {
    let (journal, does) = (journal.clone(), does(name));
    bus.on(name, move |order| {
        let journal = journal.clone();
        async move {
            sleep(Duration::from_millis(takes_ms)).await;
            journal.log(name, format_args!("{does} order {order}"));
            end()
        }
    });
}

/// Each logs something else, so that a message can say which is missing.
fn does(name: &str) -> &'static str {
    match name {
        "mail" => "confirms",
        "stock" => "reserves",
        "points" => "credits",
        "audit" => "records",
        _ => "charges",
    }
}

/// Emits an order at this moment, and logs the outcomes, or that there are none.
async fn emitted(bus: &Bus, at_ms: u64, order: u32, journal: &Journal) {
    sleep(Duration::from_millis(at_ms)).await;
    let emitting = AssertUnwindSafe(timeout(HOUR, bus.emit(order))).catch_unwind();
    let what = match emitting.await {
        Ok(Ok(outcomes)) => format!("order {order}: {outcomes:?}"),
        Ok(Err(_elapsed)) => "gave up after an hour: emit did not return".to_owned(),
        Err(_panic) => "emit panicked: see the message above".to_owned(),
    };
    journal.log("shop", what);
}

fn sold_out() -> Handled {
    Err("sold out".to_owned())
}

fn bug() -> Handled {
    panic!("a bug in a handler");
}

#[tokio::test(start_paused = true)]
async fn all_handlers_run_at_the_same_time_and_each_has_an_outcome() {
    let (mut bus, journal) = (Bus::default(), Journal::new());
    handler(&mut bus, &journal, "mail", 230, || Ok(()));
    handler(&mut bus, &journal, "stock", 70, sold_out);
    handler(&mut bus, &journal, "points", 40, bug);
    handler(&mut bus, &journal, "audit", 510, || Ok(()));
    handler(&mut bus, &journal, "billing", 130, || Err("card declined".to_owned()));
    tokio::join!(emitted(&bus, 0, 12, &journal), emitted(&bus, 25, 5, &journal));
    let outcomes = [
        ("mail", Outcome::Ok),
        ("stock", Outcome::Err("sold out".to_owned())),
        ("points", Outcome::Panicked),
        ("audit", Outcome::Ok),
        ("billing", Outcome::Err("card declined".to_owned())),
    ];
    assert_journal!(
        journal,
        [
            (40, "points", "credits order 12"),
            (65, "points", "credits order 5"),
            (70, "stock", "reserves order 12"),
            (95, "stock", "reserves order 5"),
            (130, "billing", "charges order 12"),
            (155, "billing", "charges order 5"),
            (230, "mail", "confirms order 12"),
            (255, "mail", "confirms order 5"),
            (510, "audit", "records order 12"),
            (510, "shop", format!("order 12: {outcomes:?}")),
            (535, "audit", "records order 5"),
            (535, "shop", format!("order 5: {outcomes:?}")),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_before_its_future_is_no_exception() {
    let (mut bus, journal) = (Bus::default(), Journal::new());
    handler(&mut bus, &journal, "mail", 90, || Ok(()));
    bus.on("search", |order| {
        assert!(order > 12, "a bug before the future");
        async { Ok(()) }
    });
    handler(&mut bus, &journal, "stock", 35, sold_out);
    emitted(&bus, 0, 12, &journal).await;
    assert_journal!(
        journal,
        [
            (35, "stock", "reserves order 12"),
            (90, "mail", "confirms order 12"),
            (
                90,
                "shop",
                "order 12: [(\"mail\", Ok), (\"search\", Panicked), (\"stock\", Err(\"sold out\"))]"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_emit_is_dropped_its_handlers_end() {
    let (mut bus, journal) = (Bus::default(), Journal::new());
    handler(&mut bus, &journal, "stock", 35, sold_out);
    handler(&mut bus, &journal, "mail", 90, || Ok(()));
    let emitting = timeout(Duration::from_millis(60), bus.emit(12)).await;
    assert!(emitting.is_err(), "emit returned after less than 60 ms, but a handler takes 90 ms");
    journal.log("test", "has dropped the future of emit");
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [(35, "stock", "reserves order 12"), (60, "test", "has dropped the future of emit")]
    );
}

#[tokio::test(start_paused = true)]
async fn without_handlers_there_is_no_outcome() {
    let journal = Journal::new();
    emitted(&Bus::default(), 0, 12, &journal).await;
    assert_journal!(journal, [(0, "shop", "order 12: []")]);
}
