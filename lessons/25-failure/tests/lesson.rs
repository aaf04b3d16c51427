//! What lesson 25 claims about attempts, retries and reports, each claim a test: all entries with exact milliseconds.

use std::cell::Cell;
use std::future::{pending, ready};
use std::rc::Rc;
use std::time::Duration;

use lesson_25::backoff::{Backoff, CAP, longest};
use lesson_25::bank::{Bank, CallError, Receipt, RequestId, Step};
use lesson_25::outcome::{Outcome, Refusal, attempt};
use lesson_25::relay::{LIMIT, Order, relay};
use lesson_25::retry::{GaveUp, Known, retry};
use lesson_25::story::{BUSY_TWICE, DECLINES, DECLINES_ONE, SLOW_ONCE, TWO_ORDERS, story};
use lesson_25::wrong;
use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, timeout};

const STUCK: &str = "no task can make progress";
const ONE_ORDER: &[Order] = &[Order { number: 7, cents: 1250 }];

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_three_outcomes() {
    use Step::*;
    let journal = Journal::new();
    for (step, expected, charged_cents) in [
        (Charges(40), Outcome::Done(Receipt { cents: 1250 }), 1250),
        (IsBusy(40), Outcome::Failed(Refusal::Transient("busy")), 0),
        (Declines(40), Outcome::Failed(Refusal::Permanent("declined")), 0),
        (Charges(300), Outcome::Unknown, 1250), // 50 ms after the relay has stopped waiting
        (LosesConnection(40), Outcome::Unknown, 1250),
    ] {
        let bank = Bank::new(&[step], &journal);
        assert_eq!(attempt(LIMIT, bank.charge(RequestId(7), 1250)).await, expected, "{step:?}");
        sleep(ms(500)).await;
        assert_eq!(bank.charged_cents(), charged_cents, "{step:?}");
    }
    let down = Bank::down_for(HOUR, &journal);
    assert_eq!(attempt(LIMIT, down.charge(RequestId(7), 1250)).await, Outcome::Unknown);
    assert_eq!(down.charged_cents(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_polls_its_future_first_and_drops_it_when_the_time_is_up() {
    let (polled, alive) = (Cell::new(false), Rc::new(()));
    let waiting = {
        let (polled, alive) = (&polled, Rc::clone(&alive));
        async move {
            polled.set(true);
            pending::<()>().await;
            drop(alive);
        }
    };
    assert!(timeout(ms(0), waiting).await.is_err());
    assert!(polled.get(), "a request is sent even if no time is left for its answer");
    assert_eq!(Rc::strong_count(&alive), 1, "the future is gone");
}

#[tokio::test(start_paused = true)]
async fn wrong_a_timeout_that_is_taken_for_a_failure_charges_twice() {
    let journal = Journal::new();
    let bank = Bank::new(SLOW_ONCE, &journal);
    timeout(HOUR, wrong::relay(ONE_ORDER, &bank, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 101"),
            (250, "relay", "order 7: failed"),
            (300, "bank", "charges $12.50 for request 101"),
            (350, "bank", "receives request 102"),
            (390, "bank", "charges $12.50 for request 102"),
            (390, "relay", "order 7: paid"),
        ]
    );
    assert_eq!(bank.charged_cents(), 2500);
}

#[tokio::test(start_paused = true)]
async fn attempts_with_the_same_id_are_one_request() {
    let journal = Journal::new();
    let bank = Bank::new(SLOW_ONCE, &journal);
    assert_eq!(timeout(HOUR, relay(ONE_ORDER, &bank, &journal)).await.expect(STUCK), []);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 7"),
            (250, "relay", "order 7: no answer"),
            (300, "bank", "charges $12.50 for request 7"),
            (350, "bank", "receives request 7"),
            (390, "bank", "has already charged request 7"),
            (390, "relay", "order 7: paid"),
        ]
    );
    assert_eq!(bank.charged_cents(), 1250);
}

#[tokio::test(start_paused = true)]
async fn the_second_attempt_may_overtake_the_first() {
    let journal = Journal::new();
    let bank = Bank::new(&[Step::Charges(420), Step::Charges(30)], &journal);
    assert_eq!(timeout(HOUR, relay(ONE_ORDER, &bank, &journal)).await.expect(STUCK), []);
    sleep(ms(500)).await;
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 7"),
            (250, "relay", "order 7: no answer"),
            (350, "bank", "receives request 7"),
            (380, "bank", "charges $12.50 for request 7"),
            (380, "relay", "order 7: paid"),
            (420, "bank", "has already charged request 7"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_pauses_are_100_and_200_ms() {
    let journal = Journal::new();
    let bank = Bank::new(BUSY_TWICE, &journal);
    assert_eq!(timeout(HOUR, relay(ONE_ORDER, &bank, &journal)).await.expect(STUCK), []);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 7"),
            (30, "relay", "order 7: busy"),
            (130, "bank", "receives request 7"),
            (200, "relay", "order 7: busy"),
            (400, "bank", "receives request 7"),
            (445, "bank", "charges $12.50 for request 7"),
            (445, "relay", "order 7: paid"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_permanent_failure_is_retried_and_the_next_order_waits() {
    let journal = Journal::new();
    let bank = Bank::new(DECLINES, &journal);
    timeout(HOUR, wrong::relay(TWO_ORDERS, &bank, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 101"),
            (40, "relay", "order 7: failed"),
            (140, "bank", "receives request 102"),
            (200, "relay", "order 7: failed"),
            (400, "bank", "receives request 103"),
            (450, "relay", "order 7: failed"),
            (850, "bank", "receives request 104"), // 400 ms after the last attempt, for nothing
            (880, "bank", "charges $40.00 for request 104"),
            (880, "relay", "order 8: paid"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_permanent_failure_is_reported_at_once_and_the_next_order_is_charged() {
    let journal = Journal::new();
    let bank = Bank::new(DECLINES_ONE, &journal);
    let reports = timeout(HOUR, relay(TWO_ORDERS, &bank, &journal)).await.expect(STUCK);
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].order.number, 7);
    assert_eq!(reports[0].gave_up, GaveUp { attempts: 1, last: "declined", known: Known::NotDone });
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 7"),
            (40, "relay", "order 7: declined"),
            (40, "relay", "reports order 7: declined, after 1 attempt"),
            (40, "bank", "receives request 8"),
            (70, "bank", "charges $40.00 for request 8"),
            (70, "relay", "order 8: paid"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn three_attempts_without_an_answer_take_1050_ms_and_nothing_is_known() {
    let journal = Journal::new();
    let (bank, start) = (Bank::down_for(HOUR, &journal), Instant::now());
    let reports = timeout(HOUR, relay(ONE_ORDER, &bank, &journal)).await.expect(STUCK);
    assert_eq!(reports[0].gave_up, GaveUp { attempts: 3, last: "no answer", known: Known::Nothing });
    assert_eq!(start.elapsed(), ms(250 + 100 + 250 + 200 + 250));
}

/// What `retry` makes of these outcomes.
async fn retried(outcomes: [Outcome<()>; 3]) -> Result<(), GaveUp> {
    let mut outcomes = outcomes.into_iter();
    retry(Backoff::Exact, || ready(outcomes.next().expect("at most three attempts"))).await
}

#[tokio::test(start_paused = true)]
async fn what_is_known_after_all_attempts() {
    let (busy, declined) =
        (Outcome::Failed(Refusal::Transient("busy")), Outcome::Failed(Refusal::Permanent("declined")));
    for (outcomes, attempts, last, known) in [
        ([busy, busy, busy], 3, "busy", Known::NotDone),
        ([busy, declined, busy], 2, "declined", Known::NotDone),
        // The first attempt may have charged, whatever the others were told.
        ([Outcome::Unknown, busy, busy], 3, "busy", Known::Nothing),
        ([Outcome::Unknown, declined, busy], 2, "declined", Known::Nothing),
    ] {
        assert_eq!(retried(outcomes).await, Err(GaveUp { attempts, last, known }), "{outcomes:?}");
    }
    assert_eq!(retried([Outcome::Unknown, busy, Outcome::Done(())]).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_timeout_does_not_mean_that_nothing_was_charged() {
    let bank = Bank::new(&[Step::Charges(420), Step::Declines(30)], &Journal::new());
    let reports = timeout(HOUR, relay(ONE_ORDER, &bank, &Journal::new())).await.expect(STUCK);
    assert_eq!(reports[0].gave_up, GaveUp { attempts: 2, last: "declined", known: Known::Nothing });
    assert_eq!(bank.charged_cents(), 0);
    sleep(ms(100)).await;
    assert_eq!(bank.charged_cents(), 1250, "the first attempt was still under way");
}

#[tokio::test(start_paused = true)]
async fn wrong_three_levels_that_retry_make_27_requests() {
    let (requests, start) = (Cell::new(0), Instant::now());
    let request = || async {
        requests.set(requests.get() + 1);
        Outcome::<()>::Failed(Refusal::Transient("busy"))
    };
    let again = |result: Result<(), GaveUp>| match result {
        Ok(()) => Outcome::Done(()),
        Err(gave_up) => Outcome::Failed(Refusal::Transient(gave_up.last)),
    };
    let client = || async { again(retry(Backoff::Exact, request).await) };
    let service = || async { again(retry(Backoff::Exact, client).await) };
    assert!(retry(Backoff::Exact, service).await.is_err());
    assert_eq!((requests.get(), start.elapsed()), (27, ms(3900)));
}

// ANCHOR: overflow
#[test]
fn the_pause_doubles_up_to_its_cap() {
    assert_eq!([1, 2, 3, 4].map(longest), [100, 200, 400, 800].map(ms));
    assert_eq!([9, 10, 32, 33, 65, u32::MAX].map(longest), [ms(25_600), CAP, CAP, CAP, CAP, CAP]);
}

#[test]
fn wrong_the_power_overflows_after_33_failures() {
    assert_eq!(wrong::longest_unchecked(32), ms(100 * 2_147_483_648)); // almost seven years
    let pause = std::panic::catch_unwind(|| wrong::longest_unchecked(33));
    if cfg!(debug_assertions) {
        assert!(pause.is_err(), "attempt to multiply with overflow");
    } else {
        assert_eq!(pause.unwrap(), Duration::ZERO); // and no pause at all from here on
    }
}
// ANCHOR_END: overflow

#[tokio::test(start_paused = true)]
async fn a_call_that_breaks_is_not_an_answer() {
    let bank = Bank::new(&[Step::LosesConnection(40)], &Journal::new());
    assert_eq!(bank.charge(RequestId(7), 1250).await, Err(CallError::ConnectionLost));
    assert_eq!(bank.charged_cents(), 1250);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
