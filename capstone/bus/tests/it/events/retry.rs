//! Retries and dead letters.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use capstone_bus::events::{Events, RatePolicy, RetryPolicy};

use super::{Journal, Tick, attempts, outcomes};
use crate::support::ms;

#[tokio::test(start_paused = true)]
async fn delays_double_up_to_the_cap_and_then_it_has_failed() {
    let (events, journal) = (Events::new(), Journal::start());
    let retry = attempts(5, ms(10)).cap(ms(30));
    events.handler().retry(retry).on_fallible(journal.fails("a"));
    let report = events.emit(Tick(1)).await;
    assert_eq!((outcomes(&report), report.handlers[0].attempts), (vec!["no".to_owned()], 5));
    assert_eq!(journal.told(), ["0 a1", "10 a1", "30 a1", "60 a1", "90 a1"]);
}

#[tokio::test(start_paused = true)]
async fn delays_are_drawn_below_their_bound_and_are_the_same_with_a_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (events, journal) = (Events::new(), Journal::start());
        let retry = RetryPolicy::attempts(2).base(ms(1_000)).seed(7);
        events.handler().retry(retry).on_fallible(journal.fails("a"));
        let (one, other) = tokio::join!(events.emit(Tick(1)), events.emit(Tick(2)));
        runs.push([one, other].map(|report| report.handlers[0].took));
    }
    assert_eq!(runs[0], runs[1]);
    let [one, other] = runs[0];
    assert!(one < ms(1_000) && other < ms(1_000) && one != other, "{one:?}, {other:?}");
}

#[tokio::test(start_paused = true)]
async fn an_error_a_panic_and_a_timeout_are_repeated_until_it_works() {
    let (events, calls) = (Events::new(), Arc::new(AtomicU32::new(0)));
    events.handler::<Tick>().timeout(ms(5)).retry(attempts(4, ms(10)).factor(1.0)).on_fallible({
        let calls = Arc::clone(&calls);
        move |_| {
            let calls = Arc::clone(&calls);
            async move {
                match calls.fetch_add(1, Ordering::Relaxed) {
                    0 => Err("an error".into()),
                    1 => panic!("a panic"),
                    2 => std::future::pending().await,
                    _ => Ok(()),
                }
            }
        }
    });
    let report = events.emit(Tick(1)).await;
    assert_eq!((report.is_ok(), report.handlers[0].attempts), (true, 4));
    assert_eq!(report.handlers[0].took, ms(10 + 10 + 5 + 10));
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_held_over_all_attempts() {
    let (events, journal) = (Events::new(), Journal::start());
    let options = events.handler().concurrency(1).retry(attempts(2, ms(10)));
    options.on_fallible(journal.fails("a"));
    drop(tokio::join!(events.emit(Tick(1)), events.emit(Tick(2))));
    assert_eq!(journal.told(), ["0 a1", "10 a1", "10 a2", "20 a2"]);
}

#[tokio::test(start_paused = true)]
async fn retries_are_calls_under_the_rate() {
    let attempt = |policy| async move {
        let (events, journal) = (Events::new(), Journal::start());
        let options = events.handler().rate(2, ms(100), policy).retry(attempts(3, ms(10)).factor(1.0));
        options.on_fallible(journal.fails("a"));
        let report = events.emit(Tick(1)).await;
        (outcomes(&report).remove(0), report.handlers[0].attempts, journal.told())
    };
    let (no, told) = ("no".to_owned(), ["0 a1", "10 a1"].map(str::to_owned).to_vec());
    assert_eq!(
        attempt(RatePolicy::Wait).await,
        (no.clone(), 3, [&told[..], &["100 a1".to_owned()]].concat()),
        "the third waits"
    );
    assert_eq!(attempt(RatePolicy::Drop).await, (no, 2, told.clone()), "the third is given up");
    let used_up = "the rate of the handler is used up".to_owned();
    assert_eq!(attempt(RatePolicy::Error).await, (used_up, 2, told), "the third attempt is refused");
}

#[tokio::test(start_paused = true)]
async fn what_has_finally_failed_is_a_dead_letter_and_the_emission_waits_for_it() {
    let (events, journal) = (Events::new(), Journal::start());
    let letters = Arc::new(Mutex::new(Vec::new()));
    let bury = {
        let (journal, letters) = (journal.clone(), Arc::clone(&letters));
        move |letter| {
            let (journal, letters) = (journal.clone(), Arc::clone(&letters));
            async move {
                tokio::time::sleep(ms(5)).await;
                journal.note("buried");
                letters.lock().expect("no panic").push(letter);
            }
        }
    };
    let options = events.handler().name("billing").retry(attempts(2, ms(10))).dead_letter(bury);
    options.on_fallible(journal.fails("a"));
    let report = events.emit(Tick(7)).await;
    assert_eq!(journal.told(), ["0 a7", "10 a7", "15 buried"]);
    assert_eq!(report.handlers[0].took, ms(15));
    let letters = letters.lock().expect("no panic");
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.event.0, &*letter.handler, &*letter.reason, letter.attempts), (7, "billing", "no", 2));
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_is_lost_is_counted_and_changes_no_outcome() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().dead_letter(async |_| panic!("no grave")).on_fallible(journal.fails("a"));
    events.handler().dead_letter_fallible(async |_| Err("full".into())).on_fallible(journal.fails("b"));
    events.handler::<Tick>().dead_letter(async |_| {}).on(async |_| panic!("c"));
    events.handler().dead_letter(async |_| {}).on(journal.notes("d"));
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["no", "no", "panicked: c", "ok"]);
    let stats = events.stats();
    let told: Vec<_> =
        stats.handlers.iter().map(|h| (h.counts.dead_letters, h.counts.dead_letters_lost)).collect();
    assert_eq!(told, [(0, 1), (0, 1), (1, 0), (0, 0)]);
}
