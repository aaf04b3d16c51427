//! Filter, concurrency, rate and timeout; alone and together, to the millisecond.

use capstone_bus::events::{Events, LimitError, Outcome, RatePolicy};
use futures::future::join_all;

use super::{Journal, Tick, attempts, outcomes};
use crate::support::ms;

/// Emits these numbers at the same moment, polled in order; one outcome each.
async fn emit_all(events: &Events, numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    let reports = join_all(numbers.into_iter().map(|number| events.emit(Tick(number)))).await;
    reports.iter().flat_map(outcomes).collect()
}

/// The lines that say when a call began: `0 a1`.
fn begins(journal: &Journal) -> Vec<String> {
    journal.told().iter().filter_map(|line| line.strip_suffix(" begins").map(str::to_owned)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_filter_skips_what_it_does_not_want() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().filter(|tick: &Tick| tick.0 > 1).filter(|tick| tick.0 < 4).on(journal.notes("a"));
    let (no, yes) = ("skipped: filtered", "ok");
    assert_eq!(emit_all(&events, 1..=4).await, [no, yes, yes, no]);
    assert_eq!(journal.told(), ["0 a2", "0 a3"]);
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_first_come_first_served() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().concurrency(2).on(journal.handler("a", 10));
    assert_eq!(emit_all(&events, 1..=5).await, ["ok"; 5]);
    assert_eq!(begins(&journal), ["0 a1", "0 a2", "10 a3", "10 a4", "20 a5"]);
}

#[tokio::test(start_paused = true)]
async fn one_handler_at_its_limit_does_not_keep_the_others_waiting() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().concurrency(1).on(journal.handler("a", 10));
    events.on(journal.handler("b", 1));
    emit_all(&events, 1..=2).await;
    assert_eq!(begins(&journal), ["0 a1", "0 b1", "0 b2", "10 a2"]);
}

#[tokio::test(start_paused = true)]
async fn only_so_many_emissions_wait_for_a_handler() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().concurrency(1).waiting_max(2).on(journal.handler("a", 10));
    let busy = "too many emissions wait for the handler";
    assert_eq!(emit_all(&events, 1..=5).await, ["ok", "ok", "ok", busy, busy]);
    assert_eq!(begins(&journal), ["0 a1", "10 a2", "20 a3"]);
    // The places are free again.
    assert_eq!(emit_all(&events, 6..=8).await, ["ok"; 3]);

    let refused = Events::new();
    refused.handler().concurrency(1).waiting_max(0).on(journal.handler("a", 10));
    let reports = join_all([1, 2].map(|number| refused.emit(Tick(number)))).await;
    let Outcome::Err(error) = &reports[1].handlers[0].outcome else { panic!("{reports:?}") };
    assert_eq!(error.downcast_ref(), Some(&LimitError::Busy));
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_waits_lets_no_window_have_more() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().rate(2, ms(100), RatePolicy::Wait).on(journal.handler("a", 0));
    assert_eq!(emit_all(&events, 1..=3).await, ["ok"; 3]);
    // At 100, the window that begins then has one call already, that of 3.
    assert_eq!(emit_all(&events, 4..=6).await, ["ok"; 3]);
    assert_eq!(begins(&journal), ["0 a1", "0 a2", "100 a3", "100 a4", "200 a5", "200 a6"]);
    // Time without calls saves nothing up.
    tokio::time::sleep(ms(9_800)).await;
    emit_all(&events, 7..=9).await;
    assert_eq!(begins(&journal), ["10000 a7", "10000 a8", "10100 a9"]);
}

#[tokio::test(start_paused = true)]
async fn the_window_of_a_rate_slides() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().rate(2, ms(100), RatePolicy::Wait).on(journal.notes("a"));
    drop(events.emit(Tick(1)).await);
    tokio::time::sleep(ms(60)).await;
    assert_eq!(emit_all(&events, 2..=5).await, ["ok"; 4]);
    // At 100 only the call at 0 has left the window: that at 60 stays in it until 160.
    assert_eq!(journal.told(), ["0 a1", "60 a2", "100 a3", "160 a4", "200 a5"]);
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_drops_skips_and_one_that_refuses_fails() {
    for (policy, exceeded) in [
        (RatePolicy::Drop, "skipped: rate limited"),
        (RatePolicy::Error, "the rate of the handler is used up"),
    ] {
        let (events, journal) = (Events::new(), Journal::start());
        events.handler().rate(2, ms(100), policy).on(journal.notes("a"));
        assert_eq!(emit_all(&events, 1..=3).await, ["ok", "ok", exceeded]);
        tokio::time::sleep(ms(99)).await;
        assert_eq!(emit_all(&events, 4..=4).await, [exceeded]);
        tokio::time::sleep(ms(1)).await;
        assert_eq!(emit_all(&events, 5..=7).await, ["ok", "ok", exceeded]);
        assert_eq!(journal.told(), ["0 a1", "0 a2", "100 a5", "100 a6"]);
    }
}

#[tokio::test(start_paused = true)]
async fn only_so_many_emissions_wait_for_a_rate_and_one_that_goes_leaves_no_hole() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().rate(1, ms(100), RatePolicy::Wait).waiting_max(2).on(journal.notes("a"));
    let busy = "too many emissions wait for the handler";
    let (first, (), third, fourth) = tokio::join!(
        events.emit(Tick(1)),
        // Waits from the start for the moment at 100 ms, and is dropped before it comes.
        async {
            tokio::time::timeout(ms(50), events.emit(Tick(2))).await.expect_err("still waiting");
        },
        events.emit(Tick(3)),
        events.emit(Tick(4)),
    );
    assert_eq!([&first, &third, &fourth].map(outcomes), [["ok"], ["ok"], [busy]]);
    assert_eq!(journal.told(), ["0 a1", "100 a3"]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_drops_the_handler_where_it_is() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().timeout(ms(10)).on(journal.handler("a", 11));
    events.handler().timeout(ms(10)).on(journal.handler("b", 9));
    let report = events.emit(Tick(1)).await;
    assert_eq!(outcomes(&report), ["timed out", "ok"]);
    assert_eq!(journal.told(), ["0 a1 begins", "0 b1 begins", "9 b1 ends"]);
    assert_eq!(report.handlers[0].took, ms(10));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_is_not_within_the_timeout() {
    let (events, journal) = (Events::new(), Journal::start());
    let options = events.handler().concurrency(1).rate(1, ms(20), RatePolicy::Wait).timeout(ms(10));
    options.on(journal.handler("a", 9));
    assert_eq!(emit_all(&events, 1..=3).await, ["ok"; 3]);
    assert_eq!(begins(&journal), ["0 a1", "20 a2", "40 a3"]);
}

#[tokio::test(start_paused = true)]
async fn the_largest_limits_are_none() {
    let (events, journal, longest) = (Events::new(), Journal::start(), std::time::Duration::MAX);
    let options = events.handler().concurrency(usize::MAX).waiting_max(usize::MAX).timeout(longest);
    options.rate(2, longest, RatePolicy::Error).on(journal.notes("a"));
    let once = "the rate of the handler is used up";
    assert_eq!(emit_all(&events, 1..=4).await, ["ok", "ok", once, once]);
    assert_eq!(events.shutdown(longest).await.left_over, 0);
}

#[test]
#[should_panic(expected = "concurrency 0")]
fn a_concurrency_of_0_is_a_mistake() {
    let _options = Events::new().handler::<Tick>().concurrency(0);
}

#[test]
#[should_panic(expected = "rate 0")]
fn a_rate_of_0_is_a_mistake() {
    let _options = Events::new().handler::<Tick>().rate(0, ms(1), RatePolicy::Wait);
}

#[tokio::test(start_paused = true)]
async fn who_has_a_turn_needs_no_place_to_wait_for_the_rate() {
    let (events, journal) = (Events::new(), Journal::start());
    let options = events.handler().concurrency(1).rate(1, ms(100), RatePolicy::Wait).waiting_max(1);
    options.retry(attempts(3, ms(1))).on_fallible(journal.fails("a"));
    // The second waits for the turn of the first, in the only place; the first is tried three times all the same.
    assert_eq!(emit_all(&events, 1..=2).await, ["no"; 2]);
    assert_eq!(journal.told(), ["0 a1", "100 a1", "200 a1", "300 a2", "400 a2", "500 a2"]);
}

#[tokio::test(start_paused = true)]
async fn who_was_called_needs_no_place_to_be_called_again() {
    let (events, journal) = (Events::new(), Journal::start());
    let options = events.handler().rate(1, ms(100), RatePolicy::Wait).waiting_max(1);
    options.retry(attempts(2, ms(1))).on_fallible(journal.fails("a"));
    let busy = "too many emissions wait for the handler";
    assert_eq!(emit_all(&events, 1..=3).await, ["no", "no", busy]);
    assert_eq!(journal.told(), ["0 a1", "100 a2", "200 a1", "300 a2"]);
}
