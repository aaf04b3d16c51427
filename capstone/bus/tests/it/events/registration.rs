//! Registering and cancelling, also while the handler runs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use capstone_bus::Bus;
use capstone_bus::events::{Actor, Events, HandlerError, RatePolicy};
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready, task};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Journal, Tick, attempts, outcomes};
use crate::support::{drop_at, ms};

#[tokio::test(start_paused = true)]
async fn a_registration_is_for_good_until_it_is_cancelled() {
    let (bus, journal) = (Bus::new(), Journal::start());
    drop(bus.on(journal.notes("a")));
    let cancelled = bus.on(journal.notes("b"));
    let scoped = bus.on(journal.notes("c")).scoped();
    drop(bus.emit(Tick(1)).await);
    cancelled.cancel();
    drop(bus.emit(Tick(2)).await);
    drop(scoped);
    drop(bus.emit(Tick(3)).await);
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

/// A middleware in front of every handler, which takes its time.
fn slow(events: &Events) {
    events.wrap(async |call, next| {
        sleep(ms(10)).await;
        next.run(call).await
    });
}

#[tokio::test(start_paused = true)]
async fn cancelled_while_a_middleware_has_the_call_the_handler_is_not_called() {
    let (events, journal) = (Events::new(), Journal::start());
    slow(&events);
    let registration = events.handler().retry(attempts(2, ms(1))).on(journal.notes("a"));
    let mut emit = task::spawn(events.emit(Tick(1)));
    assert_pending!(emit.poll());
    registration.cancel();
    let report = emit.await;
    assert_eq!(outcomes(&report), ["skipped: its registration was cancelled"]);
    assert_eq!((report.handlers[0].attempts, journal.told().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_that_waits_is_over_when_nothing_of_the_handler_runs() {
    let (events, journal) = (Events::new(), Journal::start());
    let letters = journal.clone();
    let options = events.handler::<Tick>().concurrency(1).dead_letter(move |letter| {
        let letters = letters.clone();
        async move {
            sleep(ms(5)).await;
            letters.note(format!("{} buried", letter.event.0));
        }
    });
    let handler = journal.handler("a", 10);
    let registration = options.on_fallible(move |tick| {
        let handled = handler(tick);
        async move {
            handled.await;
            Err("no".into())
        }
    });
    let mut emits = [1, 2].map(|number| task::spawn(events.emit(Tick(number))));
    emits.iter_mut().for_each(|emit| assert_pending!(emit.poll()));
    let [runs, waits] = emits;
    let cancel = async {
        registration.cancel_and_wait().await;
        journal.note("cancelled");
    };
    let ((), runs, waits) = tokio::join!(cancel, runs, waits);
    assert_eq!([&runs, &waits].map(outcomes), [["no"], ["skipped: its registration was cancelled"]]);
    assert_eq!(journal.told(), ["0 a1 begins", "10 a1 ends", "15 1 buried", "15 cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_ends_every_wait_at_once() {
    for wait in ["a turn", "the rate", "the next attempt"] {
        let (events, journal) = (Events::new(), Journal::start());
        let options = events.handler::<Tick>();
        let options = match wait {
            "a turn" => options.concurrency(1),
            "the rate" => options.rate(1, ms(3_600_000), RatePolicy::Wait),
            _ => options.retry(attempts(2, ms(60_000))),
        };
        let registration = options.on_fallible({
            let journal = journal.clone();
            move |tick: Arc<Tick>| {
                journal.note(format!("{} begins", tick.0));
                async move {
                    sleep(ms(10)).await;
                    Err("no".into())
                }
            }
        });
        let emit = |number| {
            let events = events.clone();
            tokio::spawn(async move { drop(events.emit(Tick(number)).await) })
        };
        let first = emit(1);
        if wait != "a turn" {
            sleep(ms(20)).await;
        }
        let second = emit(2);
        yield_now().await;
        registration.cancel_and_wait().await;
        journal.note("cancelled");
        let story = match wait {
            "a turn" => ["0 1 begins", "10 cancelled"].as_slice(),
            "the rate" => &["0 1 begins", "20 cancelled"],
            _ => &["0 1 begins", "20 2 begins", "30 cancelled"],
        };
        assert_eq!(journal.told(), story, "waiting for {wait}");
        first.await.expect("no panic");
        second.await.expect("no panic");
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_the_mailbox_of_an_actor_has_begun_and_is_waited_for() {
    struct Slow(Journal);
    impl Actor<Tick> for Slow {
        async fn handle(&mut self, tick: Arc<Tick>) -> Result<(), HandlerError> {
            sleep(ms(10)).await;
            self.0.note(format!("{} handled", tick.0));
            Ok(())
        }
    }
    let (events, journal) = (Events::new(), Journal::start());
    let actors = journal.clone();
    let registration = events.handler::<Tick>().on_actors(1, |_| (), move |()| Slow(actors.clone()));
    let mut emits = [1, 2, 3].map(|number| task::spawn(events.emit(Tick(number))));
    emits.iter_mut().for_each(|emit| assert_pending!(emit.poll()));
    tokio::join!(registration.cancel_and_wait(), futures::future::join_all(emits));
    journal.note("cancelled");
    assert_eq!(journal.told(), ["10 1 handled", "20 2 handled", "30 3 handled", "30 cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn cancel_and_wait_dropped_at_each_of_its_polls_has_cancelled() {
    for polls in 0..=2 {
        let (events, journal) = (Events::new(), Journal::start());
        let registration = events.on(journal.handler("a", 10));
        let emits = events.clone();
        let emits = tokio::spawn(async move { emits.emit(Tick(1)).await.is_ok() });
        yield_now().await;
        let waited = drop_at(polls, registration.cancel_and_wait()).await.is_some();
        assert_eq!(waited, polls == 2, "dropped at poll {polls}");
        let registered = usize::from(polls == 0);
        assert_eq!(events.emit(Tick(2)).await.handlers.len(), registered, "dropped at poll {polls}");
        assert!(emits.await.expect("no panic"));
    }
}

/// Real threads: whatever begins after the cancel was waited for is a fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_cancel_that_waits_no_call_begins_or_runs() {
    let events = Events::new();
    let (stop, emits) = (CancellationToken::new(), TaskTracker::new());
    for _ in 0..4 {
        let (events, stop) = (events.clone(), stop.clone());
        emits.spawn(async move {
            while !stop.is_cancelled() {
                drop(events.emit(Tick(1)).await);
            }
        });
    }
    let faults = Arc::new(AtomicUsize::new(0));
    for _ in 0..500 {
        let cancelled = Arc::new(AtomicBool::new(false));
        let registration = events.on::<Tick>({
            let (cancelled, faults) = (Arc::clone(&cancelled), Arc::clone(&faults));
            move |_| {
                let (cancelled, faults) = (Arc::clone(&cancelled), Arc::clone(&faults));
                faults.fetch_add(usize::from(cancelled.load(Ordering::SeqCst)), Ordering::SeqCst);
                async move {
                    yield_now().await;
                    faults.fetch_add(usize::from(cancelled.load(Ordering::SeqCst)), Ordering::SeqCst);
                }
            }
        });
        yield_now().await;
        registration.cancel_and_wait().await;
        cancelled.store(true, Ordering::SeqCst);
    }
    stop.cancel();
    emits.close();
    emits.wait().await;
    assert_eq!(faults.load(Ordering::SeqCst), 0);
}
