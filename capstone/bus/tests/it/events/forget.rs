//! Emitting without waiting, and the shutdown that waits after all.

use std::sync::Arc;

use capstone_bus::Bus;
use capstone_bus::events::{Event, Events, ForgetError, Refused};
use tokio::task::yield_now;

use super::{Journal, Tick};
use crate::support::{Clock, ms};

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_runs_in_a_task_of_its_own() {
    let (bus, journal) = (Bus::new(), Journal::start());
    bus.on(journal.handler("a", 10));
    bus.emit_and_forget(Tick(1)).expect("room");
    journal.note("emitted");
    assert_eq!(bus.events().stats().forgotten, 1);
    let report = bus.events().shutdown(ms(1_000)).await;
    assert_eq!((report.finished, report.left_over, report.panicked), (1, 0, 0));
    assert_eq!(journal.told(), ["0 emitted", "0 a1 begins", "10 a1 ends"]);
    assert_eq!(bus.events().stats().forgotten, 0);
}

#[tokio::test(start_paused = true)]
async fn full_and_closed_give_the_event_back() {
    let (events, journal) = (Events::builder().forgotten_max(2).build(), Journal::start());
    events.on(journal.handler("a", 10));
    events.emit_and_forget(Tick(1)).expect("room");
    events.emit_and_forget(Tick(2)).expect("room");
    let full = events.emit_and_forget(Tick(3)).expect_err("two are under way");
    assert!(matches!(&full, ForgetError::Full(Tick(3))));
    tokio::time::sleep(ms(11)).await;
    events.emit_and_forget(full.into_event()).expect("room again");
    events.close();
    assert_eq!(events.emit_and_forget(Tick(4)), Err(ForgetError::Closed(Tick(4))));
    assert_eq!(events.shutdown(ms(1_000)).await.finished, 1);
}

#[tokio::test(start_paused = true)]
async fn a_bus_says_how_many_events_may_be_forgotten() {
    let (bus, journal) = (Bus::builder().forgotten_max(1).build(), Journal::start());
    bus.on(journal.handler("a", 10));
    bus.emit_and_forget(Tick(1)).expect("room");
    assert_eq!(bus.emit_and_forget(Tick(2)), Err(ForgetError::Full(Tick(2))));
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_what_is_left_is_dropped() {
    let (events, journal, clock) = (Events::new(), Journal::start(), Clock::start());
    events.on(journal.handler("a", 50));
    let kept = Arc::new(());
    events.on::<Tick>({
        let kept = Arc::clone(&kept);
        move |_| {
            let kept = Arc::clone(&kept);
            async move {
                let _kept = kept;
                std::future::pending().await
            }
        }
    });
    events.emit_and_forget(Tick(1)).expect("room");
    events.emit_and_forget(Tick(2)).expect("room");
    let report = events.shutdown(ms(20)).await;
    assert_eq!((report.finished, report.left_over, clock.ms()), (0, 2, 20));
    yield_now().await;
    assert_eq!(Arc::strong_count(&kept), 1, "tasks and handlers are gone");
    assert_eq!(journal.told(), ["0 a1 begins", "0 a2 begins"]);
}

#[tokio::test(start_paused = true)]
async fn while_it_drains_a_handler_may_still_emit() {
    struct Second;
    impl Event for Second {
        const TOPIC: &'static str = "second";
    }
    let (events, journal) = (Events::new(), Journal::start());
    events.on::<Tick>({
        let (events, journal) = (events.clone(), journal.clone());
        move |tick| {
            let (events, journal) = (events.clone(), journal.clone());
            async move {
                tokio::time::sleep(ms(10)).await;
                assert!(events.emit(Second).await.is_ok());
                assert!(events.emit_and_forget(Second).is_err(), "that would never end");
                journal.note(format!("{} ends", tick.0));
            }
        }
    });
    events.on::<Second>({
        let journal = journal.clone();
        move |_| {
            journal.note("second");
            async {}
        }
    });
    events.emit_and_forget(Tick(1)).expect("room");
    let shutdown = tokio::spawn({
        let events = events.clone();
        async move { events.shutdown(ms(1_000)).await }
    });
    tokio::time::sleep(ms(5)).await;
    assert_eq!(events.emit(Tick(2)).await.refused, Some(Refused::Closed));
    assert_eq!(shutdown.await.expect("no panic").finished, 1);
    assert_eq!(journal.told(), ["10 second", "10 1 ends"]);
}

#[tokio::test]
async fn a_shutdown_frees_a_bus_that_its_own_handlers_hold() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let held = bus.clone();
    bus.on::<Tick>(move |_| {
        let _held = &held;
        async {}
    });
    bus.events().shutdown(ms(1_000)).await;
    drop(bus);
    assert!(subscription.recv().await.is_none(), "the last handle is gone");
}

#[tokio::test]
async fn an_event_that_panics_when_it_is_dropped_is_counted() {
    struct Bomb;
    impl Event for Bomb {
        const TOPIC: &'static str = "bomb";
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("when dropped");
        }
    }
    let events = Events::new();
    events.emit_and_forget(Bomb).expect("room");
    let report = events.shutdown(ms(1_000)).await;
    assert_eq!((report.finished, report.panicked, report.left_over), (0, 1, 0));
}
