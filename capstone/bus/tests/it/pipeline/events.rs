//! What is particular to handlers of events.

use std::sync::Arc;
use std::time::SystemTime;

use capstone_bus::Bus;
use capstone_bus::events::{DeadLetter, Events, FailureKind, LAYERS_MAX, Refused, Strategy};

use crate::events::{Journal, Tick, outcomes};

#[tokio::test(start_paused = true)]
async fn the_middlewares_of_a_handler_are_inside_of_those_of_all() {
    let (events, journal) = (Events::new(), Journal::start());
    let (all, own) = (super::notes(&journal, "all"), super::notes(&journal, "own"));
    events.handler().name("h").wrap(own).on(journal.notes("h"));
    events.handler().name("other").priority(-1).on(journal.notes("other"));
    events.wrap(all);
    assert!(events.emit(Tick(1)).await.is_ok());
    assert_eq!(
        journal.told(),
        [
            "0 all > h #1",
            "0 own > h #1",
            "0 h1",
            "0 own < ok",
            "0 all < ok",
            "0 all > other #1",
            "0 other1",
            "0 all < ok",
        ]
    );
}

#[tokio::test]
async fn the_middlewares_of_a_handler_count_towards_the_most() {
    let (events, journal) = (Events::new(), Journal::start());
    let layers = |layers| {
        (0..layers).fold(events.handler::<Tick>(), |options, _| {
            options.wrap(async |call, next| next.run(call).await)
        })
    };
    let most = layers(LAYERS_MAX).on(journal.notes("a"));
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["ok"]);
    events.wrap(async |call, next| next.run(call).await);
    assert_eq!(events.emit(Tick(2)).await.refused, Some(Refused::TooManyLayers));
    most.cancel();
    layers(LAYERS_MAX - 1).on(journal.notes("a"));
    assert_eq!(outcomes(&events.emit(Tick(3)).await), ["ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_bus_has_a_strategy_for_all_its_emissions() {
    let (bus, journal) = (Bus::builder().strategy(Strategy::StopOnError).build(), Journal::start());
    bus.handler().priority(1).on_fallible(journal.fails("a"));
    bus.on(journal.notes("b"));
    assert_eq!(outcomes(&bus.emit(Tick(1)).await), ["no", "skipped: a handler before it failed"]);
    let goes_on = bus.events().with_strategy(Strategy::ContinueOnError);
    assert_eq!(outcomes(&goes_on.emit(Tick(2)).await), ["no", "ok"]);
}

#[test]
fn a_dead_letter_can_be_made_for_a_test() {
    let mut letter = DeadLetter::new(Arc::new(Tick(7)), "billing", "no money");
    letter.attempts = 3;
    assert_eq!((letter.event.0, &*letter.handler, &*letter.reason), (7, "billing", "no money"));
    assert_eq!((letter.kind, letter.attempts), (FailureKind::Retryable, 3));
    assert_eq!((letter.first_at, letter.last_at), (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH));
}

#[cfg(feature = "bridge")]
#[tokio::test(start_paused = true)]
async fn dead_letters_on_the_bus_have_the_same_headers_whoever_failed() {
    use capstone_bus::events::Event;
    use capstone_bus::{HandlerError, Subscription};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Paid;
    impl Event for Paid {
        const TOPIC: &'static str = "orders.paid";
    }
    async fn headers(dead: &mut Subscription) -> Vec<String> {
        let letter = dead.recv().await.expect("a dead letter");
        letter.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }
    let bus = Bus::builder().clock(|| SystemTime::UNIX_EPOCH + crate::support::ms(7)).build();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let members = bus.subscription("orders.*").queue("mailers").open().expect("valid options");
    let _feed = bus.feed::<Paid>(members);
    let billing = bus.handler::<Paid>().name("billing").dead_letters_to(&bus);
    billing.on_fallible(async |_| Err(HandlerError::permanent("no money")));

    assert!(!bus.emit(Paid).await.is_ok());
    assert_eq!(
        headers(&mut dead).await,
        [
            "content-type: application/json",
            "dlq-topic: orders.paid",
            "dlq-subscription: billing",
            "dlq-kind: permanent",
            "dlq-reason: no money",
            "dlq-attempts: 1",
            "dlq-first-at-ms: 7",
            "dlq-last-at-ms: 7",
        ]
    );
    let _ =
        bus.publish(crate::support::message("orders.created", "no event")).await.expect("the bus is open");
    let told = headers(&mut dead).await;
    assert_eq!(
        told[..5],
        [
            "dlq-topic: orders.created",
            "dlq-pattern: orders.*",
            "dlq-subscription: feed",
            "dlq-group: mailers",
            "dlq-kind: permanent",
        ]
    );
    assert!(told[5].starts_with("dlq-reason: expected"), "{}", told[5]);
    assert_eq!(told[6..], ["dlq-attempts: 0", "dlq-first-at-ms: 7", "dlq-last-at-ms: 7"]);
    assert_eq!(
        (bus.stats().dead_letters, bus.stats().dead_letters_lost),
        (2, 0),
        "counted like those of topics"
    );
}

/// Whatever else panics on the way.
#[test]
fn a_pause_without_a_timer_is_the_panic_of_the_handler() {
    let events = Events::new();
    let options = events.handler::<Tick>().retry(crate::events::attempts(2, crate::support::ms(1)));
    options.on_fallible(async |_| Err(crate::panics::Bomb.into()));
    let report = futures::executor::block_on(events.emit(Tick(1)));
    assert_eq!(report.handlers[0].attempts, 1);
    assert!(report.handlers[0].outcome.to_string().contains("no reactor running"), "{report:?}");
}
