//! Handlers that emit: how deep, and what they share with the call around them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use capstone_bus::events::{DEPTH_MAX, Event, Events, LAYERS_MAX, RatePolicy, Refused};

use super::{Journal, Tick, attempts, outcomes};
use crate::support::{Clock, ms};

struct Countdown(usize);

impl Event for Countdown {
    const TOPIC: &'static str = "countdown";
}

/// At which count which emission was refused, the innermost first.
type Heard = Arc<Mutex<Vec<(usize, Option<Refused>)>>>;

/// A handler that emits its own event until it is at 0.
fn countdown() -> (Events, Heard) {
    let (events, heard) = (Events::new(), Arc::new(Mutex::new(Vec::new())));
    events.on::<Countdown>({
        let (events, heard) = (events.clone(), Arc::clone(&heard));
        move |countdown| {
            let (events, heard) = (events.clone(), Arc::clone(&heard));
            async move {
                if countdown.0 > 0 {
                    let refused = events.emit(Countdown(countdown.0 - 1)).await.refused;
                    heard.lock().expect("no panic").push((countdown.0, refused));
                }
            }
        }
    });
    (events, heard)
}

#[tokio::test]
async fn an_emission_in_a_handler_ends_before_the_one_around_it() {
    let (events, heard) = countdown();
    drop(events.emit(Countdown(3)).await);
    assert_eq!(*heard.lock().expect("no panic"), [(1, None), (2, None), (3, None)]);
}

#[tokio::test]
async fn sixty_four_deep_works_and_one_more_is_refused() {
    let (events, heard) = countdown();
    // The first emission is not inside of a handler, so that DEPTH_MAX of them run their handlers.
    drop(events.emit(Countdown(DEPTH_MAX - 1)).await);
    assert!(heard.lock().expect("no panic").iter().all(|(_, refused)| refused.is_none()));

    heard.lock().expect("no panic").clear();
    let report = events.emit(Countdown(1_000)).await;
    assert!(report.is_ok(), "the outermost has nothing to do with it");
    let heard = heard.lock().expect("no panic");
    assert_eq!(heard.len(), DEPTH_MAX);
    assert_eq!(heard[0], (1_000 - DEPTH_MAX + 1, Some(Refused::TooDeep)));
    assert!(heard[1..].iter().all(|(_, refused)| refused.is_none()));
}

#[tokio::test(start_paused = true)]
async fn sixty_four_deep_works_with_every_option() {
    let events = Events::new();
    for _ in 0..3 {
        events.wrap(|call, next| async move { next.run(call).await });
    }
    let options = events.handler::<Countdown>().concurrency(1).timeout(ms(1_000)).retry(attempts(2, ms(100)));
    options.filter(|_| true).on_fallible({
        let events = events.clone();
        move |countdown| {
            let events = events.clone();
            async move {
                events.emit(Countdown(countdown.0 + 1)).await.into_result()?;
                Ok(())
            }
        }
    });
    // Each of 64 calls would retry once: 2^64 in all, if not for the timeout.
    events.handler::<Tick>().timeout(ms(10)).on({
        let events = events.clone();
        move |_| {
            let events = events.clone();
            async move { drop(events.emit(Countdown(0)).await) }
        }
    });
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["timed out"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_is_emitted_is_one_deeper() {
    let (events, journal) = (Events::new(), Journal::start());
    let emits = events.clone();
    let options = events.handler::<Tick>().dead_letter(move |letter| {
        let (events, number) = (emits.clone(), letter.event.0);
        async move { drop(events.emit(Tick(number + 1)).await) }
    });
    options.on_fallible(journal.fails("a"));
    assert_eq!(outcomes(&events.emit(Tick(0)).await), ["no"]);
    assert_eq!(journal.told().len(), DEPTH_MAX);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_emits_its_own_event_does_not_wait_for_itself() {
    let (events, clock) = (Events::new(), Clock::start());
    events.handler::<Countdown>().concurrency(1).waiting_max(0).on({
        let events = events.clone();
        move |countdown| {
            let events = events.clone();
            async move {
                tokio::time::sleep(ms(10)).await;
                if countdown.0 > 0 {
                    assert!(events.emit(Countdown(countdown.0 - 1)).await.is_ok());
                }
            }
        }
    });
    assert!(events.emit(Countdown(2)).await.is_ok());
    assert_eq!(clock.ms(), 30);
}

#[tokio::test]
async fn a_task_of_its_own_begins_anew() {
    let (events, heard) = countdown();
    events.on::<Tick>({
        let events = events.clone();
        move |_| {
            let events = events.clone();
            async move {
                let emit = async move { events.emit(Countdown(DEPTH_MAX - 1)).await };
                drop(tokio::spawn(emit).await.expect("no panic"));
            }
        }
    });
    drop(events.emit(Tick(1)).await);
    assert!(heard.lock().expect("no panic").iter().all(|(_, refused)| refused.is_none()));
}

/// Every option, and so many middlewares, in a debug build, on the stack that Tokio's workers have.
#[test]
fn however_many_middlewares_there_are_the_stack_is_enough() {
    for (layers, expected) in [
        (0, Refused::TooDeep),
        (4, Refused::TooDeep),
        (5, Refused::TooManyLayers),
        (9, Refused::TooManyLayers),
        (80, Refused::TooManyLayers),
        (256, Refused::TooManyLayers),
    ] {
        let (deepest, refused) = on_a_worker(async move { emits_for_ever(layers).await });
        let most = (LAYERS_MAX / layers.max(1)).min(DEPTH_MAX);
        assert_eq!((deepest, refused), (most, Some(expected)), "{layers} middlewares");
    }
    let (deepest, refused) = on_a_worker(async { emits_for_ever(LAYERS_MAX + 1).await });
    assert_eq!((deepest, refused), (0, Some(Refused::TooManyLayers)), "none is called");
}

/// A handler that emits its own event: how often it was called, and why not again.
async fn emits_for_ever(layers: usize) -> (usize, Option<Refused>) {
    let events = Events::new();
    for _ in 0..layers {
        events.wrap(async |call, next| next.run(call).await);
    }
    let (calls, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let options = events.handler::<Tick>().concurrency(1).timeout(ms(60_000)).retry(attempts(2, ms(100)));
    options.filter(|_| true).rate(1_000, ms(1), RatePolicy::Wait).on({
        let (events, calls, refused) = (events.clone(), Arc::clone(&calls), Arc::clone(&refused));
        move |_| {
            let (events, calls, refused) = (events.clone(), Arc::clone(&calls), Arc::clone(&refused));
            async move {
                calls.fetch_add(1, Ordering::Relaxed);
                let report = events.emit(Tick(0)).await;
                refused
                    .lock()
                    .expect("no panic")
                    .get_or_insert_with(|| report.refused.expect("the innermost"));
            }
        }
    });
    let first = events.emit(Tick(0)).await.refused;
    let refused = *refused.lock().expect("no panic");
    (calls.load(Ordering::Relaxed), refused.or(first))
}

fn on_a_worker<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(runtime.spawn(future)).expect("no panic")
}
