//! Emitting: who is called, when, and what the report says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use capstone_bus::Bus;
use capstone_bus::events::{
    EmitReport, Event, Events, Outcome, Refused, Registration, ScopedRegistration, Strategy,
};
use futures::FutureExt;
use futures::executor::block_on;

use super::{Journal, Tick, outcomes};
use crate::support::Clock;

#[tokio::test]
async fn twenty_one_goes_in_and_forty_two_comes_out() {
    let (bus, out) = (Bus::new(), Arc::new(AtomicU64::new(0)));
    bus.on::<Tick>({
        let out = Arc::clone(&out);
        move |tick| {
            let out = Arc::clone(&out);
            async move { out.store(tick.0 * 2, Ordering::Relaxed) }
        }
    });
    assert!(bus.emit(Tick(21)).await.is_ok());
    assert_eq!(out.load(Ordering::Relaxed), 42);
}

#[tokio::test(start_paused = true)]
async fn ten_handlers_of_10_ms_end_after_10_ms() {
    let (events, journal, clock) = (Events::new(), Journal::start(), Clock::start());
    for _ in 0..10 {
        events.on(journal.handler("h", 10));
    }
    let report = events.emit(Tick(1)).await;
    assert_eq!((report.handlers.len(), report.is_ok(), clock.ms()), (10, true, 10));
}

#[tokio::test(start_paused = true)]
async fn classes_run_one_after_another_and_their_handlers_at_the_same_time() {
    let (events, journal) = (Events::new(), Journal::start());
    events.on(journal.handler("c", 10));
    events.handler().priority(5).on(journal.handler("a", 10));
    events.handler().priority(-5).on(journal.handler("e", 10));
    events.on(journal.handler("d", 20));
    events.handler().priority(5).on(journal.handler("b", 20));
    let report = events.emit(Tick(1)).await;

    let expected = [
        "0 a1 begins",
        "0 b1 begins",
        "10 a1 ends",
        "20 b1 ends",
        "20 c1 begins",
        "20 d1 begins",
        "30 c1 ends",
        "40 d1 ends",
        "40 e1 begins",
        "50 e1 ends",
    ];
    assert_eq!(journal.told(), expected);
    let told: Vec<_> = report.handlers.iter().map(|h| (h.priority, h.attempts, h.took.as_millis())).collect();
    assert_eq!(told, [(5, 1, 10), (5, 1, 20), (0, 1, 10), (0, 1, 20), (-5, 1, 10)]);
}

#[tokio::test(start_paused = true)]
async fn the_type_decides_who_is_called_not_the_topic() {
    struct OtherTick;
    impl Event for OtherTick {
        const TOPIC: &'static str = Tick::TOPIC;
    }
    let (events, journal) = (Events::new(), Journal::start());
    events.on(journal.notes("a"));
    let report = events.emit(OtherTick).await;
    assert!(report.is_ok() && report.handlers.is_empty());
    assert!(journal.told().is_empty());
}

#[tokio::test]
async fn all_handlers_share_one_event() {
    let (events, seen) = (Events::new(), Arc::new(Mutex::new(Vec::new())));
    for _ in 0..2 {
        let seen = Arc::clone(&seen);
        events.on::<Tick>(move |tick| {
            seen.lock().expect("no panic").push(tick);
            async {}
        });
    }
    drop(events.emit(Tick(1)).await);
    let seen = seen.lock().expect("no panic");
    assert!(Arc::ptr_eq(&seen[0], &seen[1]));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_the_outcome_of_one_handler() {
    let (events, journal) = (Events::new(), Journal::start());
    events.on::<Tick>(|_| -> std::future::Ready<()> { panic!("before the future") });
    events.on::<Tick>(async |tick| panic!("in the future of {}", tick.0));
    events.handler::<Tick>().filter(|_| panic!("in the filter")).on(journal.notes("filtered"));
    events.on::<Tick>(async |_| std::panic::panic_any(7));
    events.on(journal.notes("a"));
    for number in [1, 2] {
        let expected = [
            "panicked: before the future",
            &format!("panicked: in the future of {number}"),
            "panicked: in the filter",
            "panicked: a panic without a text",
            "ok",
        ];
        assert_eq!(outcomes(&events.emit(Tick(number)).await), expected);
    }
    assert_eq!(journal.told(), ["0 a1", "0 a2"]);
}

#[tokio::test]
async fn a_failure_names_itself_and_keeps_its_cause() {
    let events = Events::new();
    events.handler::<Tick>().name("billing").on_fallible(async |tick| {
        let _small: u8 = tick.0.try_into()?;
        Ok(())
    });
    events.handler::<Tick>().name("mail").on(async |tick| assert!(tick.0 < 256, "no such mail"));
    events.on::<Tick>(async |_| {});
    assert!(events.emit(Tick(255)).await.into_result().is_ok());

    let error = events.emit(Tick(256)).await.into_result().expect_err("too large");
    let text = "emit ticks: 2 of 3 handlers failed; \
                billing: out of range integral type conversion attempted; mail: panicked: no such mail";
    assert_eq!(error.to_string(), text);
    let cause = std::error::Error::source(&error).expect("what billing returned");
    assert!(cause.is::<std::num::TryFromIntError>());
    assert!(matches!(error.into_report().handlers[0].outcome, Outcome::Err(_)));
}

#[tokio::test(start_paused = true)]
async fn stop_on_error_skips_the_lower_classes_only() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().priority(2).on(journal.notes("a"));
    events.handler().priority(1).on_fallible(journal.fails("b"));
    events.handler().priority(1).on(journal.notes("c"));
    events.on(journal.notes("d"));
    events.handler().priority(-1).on(journal.notes("e"));

    let stops = events.with_strategy(Strategy::StopOnError);
    let skipped = "skipped: a handler before it failed";
    assert_eq!(outcomes(&stops.emit(Tick(1)).await), ["ok", "no", "ok", skipped, skipped]);
    assert_eq!(journal.told(), ["0 a1", "0 b1", "0 c1"]);
    // A strategy belongs to a handle.
    assert_eq!(outcomes(&events.emit(Tick(2)).await), ["ok", "no", "ok", "ok", "ok"]);
}

#[test]
fn without_a_runtime_handlers_run_that_need_none() {
    let (bus, journal) = (Bus::new(), Journal::start());
    bus.on(journal.notes("a"));
    bus.handler::<Tick>().timeout(std::time::Duration::from_secs(1)).on(async |_| {});
    let report = block_on(bus.emit(Tick(1)));
    assert!(report.handlers[0].outcome.is_ok());
    assert!(
        matches!(&report.handlers[1].outcome, Outcome::Panicked(text) if text.contains("no reactor running"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_closed_bus_refuses_events() {
    let (bus, journal) = (Bus::new(), Journal::start());
    bus.on(journal.notes("a"));
    let kept = bus.events().clone();
    drop(bus);
    let report = kept.emit(Tick(1)).await;
    assert_eq!((report.refused, report.is_ok()), (Some(Refused::Closed), false));
    assert_eq!(outcomes(&report), ["skipped: the event was refused"]);
    let error = report.into_result().expect_err("refused");
    assert_eq!(error.to_string(), "emit ticks: events are closed");
    assert!(journal.told().is_empty());

    let closed = Bus::new();
    closed.close();
    assert_eq!(closed.emit(Tick(1)).await.refused, Some(Refused::Closed));
}

#[tokio::test]
async fn a_task_that_only_emits_lets_others_run() {
    let events = Events::new();
    events.on::<Tick>(async |_| {});
    let other = tokio::spawn(async {});
    while !other.is_finished() {
        drop(events.emit(Tick(1)).await);
    }
}

#[test]
fn handles_reports_and_futures_go_anywhere() {
    fn anywhere<T: Send + Sync + 'static>(_: &T) {}
    fn may_move<T: Send>(_: &T) {}
    fn types<A: Send + Sync + 'static>() {}
    types::<EmitReport>();
    types::<Registration>();
    types::<ScopedRegistration>();
    let events = Events::new();
    anywhere(&events);
    may_move(&events.emit(Tick(1)));
    may_move(&events.emit_batch_sequential([Tick(1)]));
    may_move(&events.emit_batch_concurrent([Tick(1)], 2));
    may_move(&events.shutdown(std::time::Duration::ZERO));
    assert!(events.emit(Tick(1)).now_or_never().is_some());
}
