//! Registering and cancelling, also while the handler runs.

use std::sync::{Arc, Mutex};

use capstone_bus::Bus;
use capstone_bus::events::Events;
use tokio_test::{assert_pending, assert_ready, task};

use super::{Journal, Tick, attempts, outcomes};
use crate::support::ms;

#[tokio::test(start_paused = true)]
async fn a_registration_is_for_good_until_it_is_cancelled() {
    let (bus, journal) = (Bus::new(), Journal::start());
    drop(bus.on(journal.notes("a")));
    let cancelled = bus.on(journal.notes("b"));
    let scoped = bus.on(journal.notes("c")).scoped();
    bus.emit(Tick(1)).await;
    cancelled.cancel();
    bus.emit(Tick(2)).await;
    drop(scoped);
    bus.emit(Tick(3)).await;
    assert_eq!(journal.told(), ["0 a1", "0 b1", "0 c1", "0 a2", "0 c2", "0 a3"]);
    assert_eq!(bus.events().stats().handlers.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn cancelled_while_it_runs_it_ends_and_is_not_called_again() {
    let (events, journal) = (Events::new(), Journal::start());
    let registration = events.handler().concurrency(1).on(journal.handler("a", 10));
    let mut runs = task::spawn(events.emit(Tick(1)));
    let mut waits = task::spawn(events.emit(Tick(2)));
    assert_pending!(runs.poll());
    assert_pending!(waits.poll());
    registration.cancel();
    assert_eq!(outcomes(&runs.await), ["ok"]);
    assert_eq!(outcomes(&waits.await), ["skipped: its registration was cancelled"]);
    assert_eq!(journal.told(), ["0 a1 begins", "10 a1 ends"]);
    assert!(events.emit(Tick(3)).await.handlers.is_empty());
}

#[tokio::test(start_paused = true)]
async fn cancelled_between_two_attempts_the_failure_is_how_it_ended() {
    let (events, journal) = (Events::new(), Journal::start());
    let retry = attempts(9, ms(10));
    let registration = events.handler().retry(retry).on_fallible(journal.fails("a"));
    let mut emit = task::spawn(events.emit(Tick(1)));
    assert_pending!(emit.poll());
    registration.cancel();
    let report = emit.await;
    assert_eq!((outcomes(&report), report.handlers[0].attempts), (vec!["no".to_owned()], 1));
    assert_eq!(journal.told(), ["0 a1"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_cancel_itself_and_its_neighbours_and_register_others() {
    let (events, journal) = (Events::new(), Journal::start());
    let registrations = Arc::new(Mutex::new(Vec::new()));
    let first = events.handler::<Tick>().priority(1).on({
        let (events, journal, registrations) = (events.clone(), journal.clone(), Arc::clone(&registrations));
        move |_| {
            registrations.lock().expect("no panic").drain(..).for_each(drop);
            events.on(journal.notes("new"));
            async {}
        }
    });
    let second = events.on(journal.notes("b"));
    registrations.lock().expect("no panic").extend([first.scoped(), second.scoped()]);
    let report = events.emit(Tick(1)).await;
    assert_eq!(outcomes(&report), ["ok", "skipped: its registration was cancelled"]);
    assert!(journal.told().is_empty());
    assert_eq!(outcomes(&events.emit(Tick(2)).await), ["ok"]);
    assert_eq!(journal.told(), ["0 new2"]);
}

#[test]
fn a_cancelled_handler_drops_what_it_holds() {
    let events = Events::new();
    let held = Arc::new(());
    let handler = |held: Arc<()>| {
        move |_: Arc<Tick>| {
            let _held = &held;
            async {}
        }
    };
    let registration = events.on(handler(Arc::clone(&held)));
    assert_eq!(Arc::strong_count(&held), 2);
    registration.cancel();
    assert_eq!(Arc::strong_count(&held), 1);

    // What a handler holds may use the registry when it is dropped.
    struct Meddler(Events);
    impl Drop for Meddler {
        fn drop(&mut self) {
            self.0.on::<Tick>(async |_| {});
            self.0.stats();
        }
    }
    let meddler = Meddler(events.clone());
    let meddles = events.on(move |_: Arc<Tick>| {
        let _meddler = &meddler;
        async {}
    });
    meddles.cancel();
    assert_eq!(events.stats().handlers.len(), 1);
}

#[test]
fn a_registration_outlives_its_events() {
    let events = Events::new();
    let registration = events.on::<Tick>(async |_| {});
    let scoped = events.on::<Tick>(async |_| {}).scoped();
    drop(events);
    registration.cancel();
    drop(scoped);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_come_and_go_in_order() {
    let (events, journal) = (Events::new(), Journal::start());
    let mut scoped: Vec<_> = (0..1_000).map(|_| events.on(journal.notes("h")).scoped()).collect();
    let mut emit = task::spawn(events.emit(Tick(1)));
    assert_eq!(assert_ready!(emit.poll()).handlers.len(), 1_000);
    scoped.truncate(10);
    assert_eq!(events.emit(Tick(2)).await.handlers.len(), 10);
}
