//! Code of the application panics wherever an emission runs it: in a drop, a `Display`, a filter. The emission ends, and
//! says what it can.

use std::future::{pending, ready};
use std::panic::panic_any;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use capstone_bus::Bus;
use capstone_bus::events::{Actor, Event, Events, Handler, HandlerError};
use tokio_test::{assert_pending, task};

use super::{Journal, Tick, attempts, outcomes};
use crate::panics::{Bomb, Mined};
use crate::support::ms;

/// An event that panics when it is dropped.
struct Trap(Bomb);

impl Event for Trap {
    const TOPIC: &'static str = "traps";
}

/// Cannot be shown.
#[derive(Debug)]
struct Shy;

impl std::fmt::Display for Shy {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("on purpose")
    }
}

impl std::error::Error for Shy {}

type Handling = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send>>;

#[tokio::test(start_paused = true)]
async fn an_error_that_cannot_be_shown_is_a_dead_letter_too() {
    let (events, journal) = (Events::new(), Journal::start());
    let letters = Arc::new(Mutex::new(Vec::new()));
    let options = events.handler::<Tick>().dead_letter({
        let letters = Arc::clone(&letters);
        move |letter| {
            letters.lock().expect("no panic").push(letter.reason);
            async {}
        }
    });
    options.on_fallible(async |_| Err(Shy.into()));
    events.on(journal.handler("b", 10));
    let report = events.emit(Tick(1)).await;
    assert_eq!(report.failures().count(), 1);
    assert_eq!(journal.told(), ["0 b1 begins", "10 b1 ends"], "the other one runs to its end");
    assert_eq!(*letters.lock().expect("no panic"), ["the error panicked when it was to be shown"]);
    assert_eq!(events.stats().handlers[0].counts.dead_letters, 1);
}

/// A handler, and its outcome.
type Case = (fn() -> Handling, &'static str);

#[tokio::test(start_paused = true)]
async fn what_panics_when_it_is_dropped_is_an_outcome() {
    let dropped = "panicked: when dropped";
    let cases: [Case; 4] = [
        (|| panic_any(Bomb), "panicked: a panic without a text"),
        (|| Box::pin(Mined { future: ready(Ok(())), _mine: Bomb }), dropped),
        (|| Box::pin(Mined { future: pending(), _mine: Bomb }), dropped),
        (|| Box::pin(ready(Err(Bomb.into()))), "a bomb"),
    ];
    for (handler, expected) in cases {
        let (events, journal) = (Events::new(), Journal::start());
        let options = events.handler::<Tick>().timeout(ms(5)).retry(attempts(2, ms(1)));
        options.dead_letter(async |_| panic_any(Bomb)).on_fallible(move |_| handler());
        events.on(journal.handler("b", 10));
        let report = events.emit(Tick(1)).await;
        assert_eq!(outcomes(&report), [expected, "ok"]);
        // An error that is dropped here would panic here.
        std::mem::forget(report);
        assert_eq!(journal.told(), ["0 b1 begins", "10 b1 ends"]);
        let stats = events.stats().handlers[0].counts;
        assert_eq!((stats.running, stats.dead_letters_lost), (0, 1), "{expected}");
    }
}

#[tokio::test]
async fn a_dead_letter_that_panics_when_it_is_dropped_is_lost() {
    let (events, journal) = (Events::new(), Journal::start());
    let options = events.handler::<Tick>().dead_letter_fallible(async |_| Err(Bomb.into()));
    options.on_fallible(journal.fails("a"));
    let options = events.handler::<Tick>();
    let options = options.dead_letter_fallible(|_| Mined { future: ready(Ok(())), _mine: Bomb });
    options.on_fallible(journal.fails("b"));
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["no", "no"]);
    let lost: Vec<_> =
        events.stats().handlers.iter().map(|handler| handler.counts.dead_letters_lost).collect();
    assert_eq!(lost, [1, 1]);
}

#[tokio::test]
async fn an_event_that_panics_when_it_is_dropped_leaves_the_report() {
    let events = Events::new();
    events.on::<Trap>(async |_| {});
    assert_eq!(outcomes(&events.emit(Trap(Bomb)).await), ["ok"]);
    events.close();
    assert!(events.emit(Trap(Bomb)).await.refused.is_some());
    assert_eq!(events.shutdown(ms(10)).await.panicked, 2);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_when_it_is_dropped_is_taken_away_all_the_same() {
    fn trapped() -> impl Handler<Tick, ()> {
        let bomb = Bomb;
        move |_: Arc<Tick>| {
            let _held = &bomb;
            ready(())
        }
    }
    let (events, journal) = (Events::new(), Journal::start());
    events.on(trapped()).cancel();
    drop(events.on(trapped()).scoped());
    // The emission is the last one to have it.
    let last = events.on(trapped());
    events.on(journal.handler("b", 10));
    let mut emit = task::spawn(events.emit(Tick(1)));
    assert_pending!(emit.poll());
    last.cancel();
    assert_eq!(outcomes(&emit.await), ["ok", "ok"]);
    events.on(trapped());
    assert_eq!(events.shutdown(ms(10)).await.emissions_left, 0);
    assert!(events.stats().handlers.is_empty());
}

#[tokio::test]
async fn an_actor_keeps_its_state_when_nobody_wants_its_error() {
    type Emission = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;
    /// Drops the first emission at the end of handling its event, and fails.
    struct Counts(u64, Emission);
    impl Actor<Tick> for Counts {
        async fn handle(&mut self, tick: Arc<Tick>) -> Result<(), HandlerError> {
            self.0 += 1;
            drop(self.1.lock().expect("no panic").take());
            if tick.0 == 1 { Err(Bomb.into()) } else { Err(self.0.to_string().into()) }
        }
    }
    let (events, emission) = (Events::new(), Emission::default());
    let goes = Arc::clone(&emission);
    events.handler::<Tick>().on_actors(8, |_| (), move |()| Counts(0, Arc::clone(&goes)));
    let emits = events.clone();
    let mut gone = task::spawn(Box::pin(async move { drop(emits.emit(Tick(1)).await) }));
    assert_pending!(gone.poll());
    *emission.lock().expect("no panic") = Some(gone.into_inner());
    assert_eq!(outcomes(&events.emit(Tick(2)).await), ["2"]);
}

#[cfg(feature = "bridge")]
#[tokio::test(start_paused = true)]
async fn a_feed_goes_on() {
    use capstone_bus::Message;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Number(u64);
    impl Event for Number {
        const TOPIC: &'static str = "numbers";
    }
    let bus = Bus::new();
    bus.on_fallible::<Number>(async |number| if number.0 == 1 { Err(Bomb.into()) } else { Ok(()) });
    let feed = bus.feed::<Number>(bus.subscribe("numbers").expect("a pattern"));
    for number in ["1", "2"] {
        let _ = bus.publish(Message::new("numbers".parse().expect("a topic"), number)).await.expect("open");
    }
    bus.close();
    let report = feed.ended().await;
    assert_eq!((report.emitted, report.failed), (2, 1));
}

#[tokio::test]
async fn a_forgotten_event_makes_room_whatever_panics() {
    let bus = Bus::builder().forgotten_max(1).build();
    bus.on_fallible::<Tick>(async |_| Err(Bomb.into()));
    for number in 0..3 {
        bus.emit_and_forget(Tick(number)).expect("room");
        while bus.events().stats().forgotten > 0 {
            tokio::task::yield_now().await;
        }
    }
    let report = bus.events().shutdown(ms(10)).await;
    assert_eq!((report.left_over, report.panicked), (0, 3));
}
