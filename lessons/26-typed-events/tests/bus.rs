//! What the bus of lesson 26 promises, each promise a test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lesson_26::order::OrderPlaced;
use lesson_26::parcel::{Delivered, parcels, review};
use lesson_26::pipeline::{self, GlovesNeeded, LineReceived};
use lesson_26::{Event, EventBus, Outcome, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, timeout};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn order(order: u32) -> OrderPlaced {
    OrderPlaced { order, cents: 1250 }
}

/// Ten handlers of 10 ms each.
fn ten_handlers() -> EventBus {
    let bus = EventBus::new();
    for _ in 0..10 {
        bus.on::<OrderPlaced>("sleeper", |_| sleep(ms(10)));
    }
    bus
}

#[tokio::test(start_paused = true)]
async fn ten_handlers_of_10_ms_each_finish_in_10_ms() {
    let (bus, start) = (ten_handlers(), Instant::now());
    assert_eq!(bus.emit(order(7)).await.outcomes.len(), 10);
    assert_eq!(start.elapsed(), ms(10));
}

#[tokio::test(start_paused = true)]
async fn wrong_ten_handlers_in_a_loop_take_100_ms() {
    let (bus, start) = (ten_handlers(), Instant::now());
    wrong::emit_one_after_another(&bus, order(7)).await.unwrap();
    assert_eq!(start.elapsed(), ms(100));
}

#[tokio::test]
async fn a_handler_gets_the_events_of_its_type_only() {
    struct OrderCancelled;
    impl Event for OrderCancelled {}

    let (bus, journal) = (EventBus::new(), Journal::new());
    let log = journal.clone();
    bus.on::<OrderPlaced>("stock", move |placed| {
        log.log("stock", format_args!("order {}", placed.order));
        async {}
    });
    assert!(bus.emit(OrderCancelled).await.outcomes.is_empty(), "nobody wants it, and that is no error");
    assert_eq!(bus.emit(order(7)).await.to_string(), "stock: ok");
    assert_journal!(journal, [(0, "stock", "order 7")]);
}

#[tokio::test]
async fn all_handlers_share_one_event() {
    let (bus, seen) = (EventBus::new(), Arc::new(Mutex::new(Vec::new())));
    for name in ["stock", "mail"] {
        let seen = seen.clone();
        bus.on::<OrderPlaced>(name, move |placed| {
            seen.lock().unwrap().push(Arc::as_ptr(&placed) as usize);
            async {}
        });
    }
    let _ = bus.emit(order(7)).await;
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen[0]), (2, seen[1]));
}

#[tokio::test(start_paused = true)]
async fn the_question_mark_converts_any_error() {
    let bus = EventBus::new();
    bus.on_fallible::<LineReceived>("parse", |line| async move {
        let number: i32 = line.text.parse()?;
        let _byte: u8 = number.try_into()?;
        Ok(())
    });
    for (text, report) in [
        ("12", "parse: ok"),
        ("twelve", "parse: invalid digit found in string"),
        ("-1", "parse: out of range integral type conversion attempted"),
    ] {
        assert_eq!(bus.emit(LineReceived { text }).await.to_string(), report);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_handler_is_its_outcome_and_disturbs_no_other() {
    let bus = EventBus::new();
    bus.on::<OrderPlaced>("points", |_| async { panic!("a bug") });
    bus.on::<OrderPlaced>("closure", |_| {
        assert!(HOUR.is_zero(), "a bug before the future");
        async {}
    });
    bus.on::<OrderPlaced>("mail", |_| sleep(ms(200)));
    let report = bus.emit(order(7)).await;
    assert_eq!(
        report.to_string(),
        "points: panicked: a bug, closure: panicked: a bug before the future, mail: ok"
    );
    assert_eq!(report.failures().count(), 2);
    // And the bus goes on.
    assert!(matches!(bus.emit(order(8)).await.outcomes[2], ("mail", Outcome::Ok)));
}

#[tokio::test(start_paused = true)]
async fn wrong_in_a_loop_a_panic_reaches_the_emitter() {
    let bus = EventBus::new();
    bus.on::<OrderPlaced>("points", |_| async { panic!("a bug") });
    let emitting = tokio::spawn(async move { wrong::emit_one_after_another(&bus, order(7)).await.is_ok() });
    assert!(emitting.await.unwrap_err().is_panic());
}

#[tokio::test(start_paused = true)]
async fn handlers_run_in_the_task_that_emits_and_are_dropped_with_it() {
    let (bus, journal) = (EventBus::new(), Journal::new());
    bus.on_fallible::<Delivered>("review", review(journal.clone()));
    let [delivered] = parcels(&[110]).try_into().unwrap();
    assert!(timeout(ms(50), bus.emit(delivered)).await.is_err());
    sleep(HOUR).await;
    assert_journal!(journal, [(0, "review", "begins with parcel 1")]);
}

#[tokio::test]
async fn a_handler_may_register_handlers() {
    let bus = EventBus::new();
    let weak = bus.downgrade();
    bus.on::<OrderPlaced>("first", move |_| {
        weak.upgrade().unwrap().on::<OrderPlaced>("second", |_| async {});
        async {}
    });
    assert_eq!(
        bus.emit(order(7)).await.to_string(),
        "first: ok",
        "an emission has the handlers of its beginning"
    );
    assert_eq!(bus.emit(order(8)).await.to_string(), "first: ok, second: ok");
}

#[tokio::test(start_paused = true)]
async fn the_reports_of_a_concurrent_batch_are_in_the_order_of_the_events() {
    let bus = EventBus::new();
    bus.on_fallible::<Delivered>("review", |delivered| async move {
        sleep(delivered.takes).await;
        Err(format!("parcel {}", delivered.parcel).into())
    });
    let reports = bus.emit_batch_concurrent(parcels(&[70, 20, 110, 40]), 3).await;
    let reports: Vec<String> = reports.iter().map(ToString::to_string).collect();
    assert_eq!(reports, ["review: parcel 1", "review: parcel 2", "review: parcel 3", "review: parcel 4"]);
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_event_that_fails_is_counted_and_none_is_taken_after_finish() {
    let bus = EventBus::new();
    bus.on_fallible::<OrderPlaced>("billing", |placed| async move {
        sleep(ms(30)).await;
        if placed.order == 8 { Err("card declined".into()) } else { Ok(()) }
    });
    for number in [7, 8, 9] {
        bus.emit_and_forget(order(number)).unwrap();
    }
    assert_eq!(bus.finish().await, 1);
    assert_eq!(bus.emit_and_forget(order(10)), Err(order(10)));
}

/// How many handlers, and so buses, are still alive when the last handle has been dropped.
fn alive_after(register: impl FnOnce(&EventBus)) -> usize {
    let (bus, held) = (EventBus::new(), Arc::new(()));
    let weak = Arc::downgrade(&held);
    bus.on::<GlovesNeeded>("witness", move |_| {
        let _held = &held;
        async {}
    });
    register(&bus);
    drop(bus);
    weak.strong_count()
}

#[test]
fn wrong_a_handler_that_owns_its_bus_is_never_dropped() {
    assert_eq!(alive_after(wrong::owns_its_bus), 1);
}

#[test]
fn a_handler_with_a_weak_handle_is_dropped_with_the_bus() {
    assert_eq!(alive_after(pipeline::register), 0);
}

#[tokio::test]
async fn twenty_one_in_gives_forty_two_out() {
    let (bus, out) = (EventBus::new(), Arc::new(AtomicUsize::new(0)));
    pipeline::register(&bus);
    let seen = out.clone();
    bus.on::<GlovesNeeded>("stock", move |needed| {
        seen.fetch_add(needed.gloves as usize, Ordering::Relaxed);
        async {}
    });
    assert_eq!(bus.emit(LineReceived { text: "21" }).await.to_string(), "pairs: ok");
    assert_eq!(out.load(Ordering::Relaxed), 42);
}

#[tokio::test]
async fn an_error_at_the_end_of_a_pipeline_reaches_its_beginning() {
    let bus = EventBus::new();
    pipeline::register(&bus);
    bus.on_fallible::<GlovesNeeded>("stock", |_| async { Err("sold out".into()) });
    assert_eq!(bus.emit(LineReceived { text: "21" }).await.to_string(), "pairs: stock: sold out");
}
