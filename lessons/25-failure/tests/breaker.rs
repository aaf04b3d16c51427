//! The circuit breaker: when it opens, whom it lets through, and what it makes of answers that come late or never.

use std::cell::Cell;
use std::future::{pending, ready};
use std::sync::Mutex;
use std::time::Duration;

use lesson_25::breaker::{Breaker, Open};
use lesson_25::checkout::with_a_breaker;
use lesson_25::outcome::{Outcome, Refusal};
use lesson_25::wrong::{NeverHalfOpen, call_unreported, without_a_breaker};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, timeout};

const STUCK: &str = "no task can make progress";
const DONE: Outcome<()> = Outcome::Done(());
const BUSY: Outcome<()> = Outcome::Failed(Refusal::Transient("busy"));
const DECLINED: Outcome<()> = Outcome::Failed(Refusal::Permanent("declined"));

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// An answer that takes this long.
async fn after(takes_ms: u64, outcome: Outcome<()>) -> Outcome<()> {
    sleep(ms(takes_ms)).await;
    outcome
}

/// A breaker that has just opened, and stays open for 300 ms.
async fn opened() -> Breaker {
    let breaker = Breaker::new(Journal::new());
    for outcome in [Outcome::Unknown, BUSY, Outcome::Unknown] {
        assert_eq!(breaker.call(ready(outcome)).await, Ok(outcome));
    }
    assert_eq!(breaker.call(ready(DONE)).await, Err(Open));
    breaker
}

#[tokio::test(start_paused = true)]
async fn three_failures_in_a_row_open_it() {
    opened().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_between_counts_from_the_beginning_even_a_refusal() {
    for answer in [DONE, DECLINED] {
        let breaker = Breaker::new(Journal::new());
        for outcome in [BUSY, BUSY, answer, BUSY, BUSY] {
            assert_eq!(breaker.call(ready(outcome)).await, Ok(outcome));
        }
        assert_eq!(breaker.call(ready(DONE)).await, Ok(DONE), "two in a row do not open it");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_does_not_poll_the_attempt() {
    let (breaker, polled) = (opened().await, Cell::new(0));
    let attempt = || async {
        polled.set(polled.get() + 1);
        DONE
    };
    sleep(ms(299)).await;
    assert_eq!((breaker.call(attempt()).await, polled.get()), (Err(Open), 0));
    sleep(ms(1)).await;
    assert_eq!((breaker.call(attempt()).await, polled.get()), (Ok(DONE), 1));
}

/// How many of a hundred callers go through at the same moment.
fn through<F: Future<Output = Result<Outcome<()>, Open>>>(call: impl Fn() -> F) -> usize {
    let mut calls: Vec<_> = (0..100).map(|_| tokio_test::task::spawn(call())).collect();
    let mut pending = 0;
    for call in &mut calls {
        pending += usize::from(call.poll().is_pending());
    }
    pending
}

// ANCHOR: probe
#[tokio::test(start_paused = true)]
async fn a_half_open_breaker_lets_one_probe_through() {
    let breaker = opened().await;
    sleep(ms(300)).await;
    assert_eq!(through(|| breaker.call(pending())), 1);
}

#[tokio::test(start_paused = true)]
async fn wrong_without_the_half_open_phase_everybody_goes_through() {
    let breaker = NeverHalfOpen { open_until: Mutex::new(Instant::now() + ms(300)) };
    sleep(ms(300)).await;
    assert_eq!(through(|| breaker.call(pending())), 100);
}
// ANCHOR_END: probe

#[tokio::test(start_paused = true)]
async fn the_probe_decides() {
    let breaker = opened().await;
    sleep(ms(300)).await;
    assert_eq!(breaker.call(after(50, BUSY)).await, Ok(BUSY)); // it opens again, at 350 ms
    sleep(ms(299)).await;
    assert_eq!(breaker.call(ready(DONE)).await, Err(Open));
    sleep(ms(1)).await;
    assert_eq!(breaker.call(after(50, DECLINED)).await, Ok(DECLINED)); // an answer: it closes
    assert_eq!(breaker.call(ready(DONE)).await, Ok(DONE));
}

// ANCHOR: dropped
#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_counts_as_a_failure_and_there_is_another() {
    let breaker = opened().await;
    sleep(ms(300)).await;
    assert!(timeout(ms(50), breaker.call(pending::<Outcome<()>>())).await.is_err()); // the customer leaves
    sleep(ms(300)).await;
    assert_eq!(breaker.call(ready(DONE)).await, Ok(DONE));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_probe_that_is_dropped_unreported_leaves_the_breaker_half_open() {
    let breaker = opened().await;
    sleep(ms(300)).await;
    assert!(timeout(ms(50), call_unreported(&breaker, pending::<Outcome<()>>())).await.is_err());
    sleep(HOUR).await;
    assert_eq!(call_unreported(&breaker, ready(DONE)).await, Err(Open)); // and so for ever
}
// ANCHOR_END: dropped

#[tokio::test(start_paused = true)]
async fn an_answer_from_an_earlier_phase_changes_nothing() {
    let breaker = Breaker::new(Journal::new());
    let mut slow_success = std::pin::pin!(breaker.call(after(350, DONE)));
    let mut slow_failure = std::pin::pin!(breaker.call(after(360, BUSY)));
    assert!(timeout(ms(0), &mut slow_success).await.is_err());
    assert!(timeout(ms(0), &mut slow_failure).await.is_err());
    for _ in 0..3 {
        assert_eq!(breaker.call(ready(BUSY)).await, Ok(BUSY));
    }
    sleep(ms(300)).await;
    let mut probe = std::pin::pin!(breaker.call(after(100, BUSY)));
    assert!(timeout(ms(0), &mut probe).await.is_err());
    assert_eq!(slow_success.await, Ok(DONE));
    assert_eq!(breaker.call(ready(DONE)).await, Err(Open), "only the probe may close it");
    assert_eq!(slow_failure.await, Ok(BUSY));
    assert_eq!(probe.await, Ok(BUSY));
    assert_eq!(breaker.call(ready(DONE)).await, Err(Open));
}

#[tokio::test(start_paused = true)]
async fn wrong_without_a_breaker_eight_customers_wait_in_vain() {
    let journal = Journal::new();
    timeout(HOUR, without_a_breaker(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 1"),
            (40, "bank", "receives request 2"),
            (80, "bank", "receives request 3"),
            (100, "shop", "order 1: no answer"),
            (140, "shop", "order 2: no answer"),
            (150, "bank", "receives request 4"),
            (180, "shop", "order 3: no answer"),
            (220, "bank", "receives request 5"),
            (250, "shop", "order 4: no answer"),
            (320, "shop", "order 5: no answer"),
            (350, "bank", "receives request 6"),
            (450, "shop", "order 6: no answer"),
            (490, "bank", "receives request 7"),
            (520, "bank", "receives request 8"),
            (590, "shop", "order 7: no answer"),
            (620, "shop", "order 8: no answer"),
            (900, "bank", "receives request 9"),
            (910, "bank", "receives request 10"),
            (930, "bank", "charges $12.50 for request 9"),
            (930, "shop", "order 9: paid"),
            (940, "bank", "charges $12.50 for request 10"),
            (940, "shop", "order 10: paid"),
            (1000, "bank", "receives request 11"),
            (1030, "bank", "charges $12.50 for request 11"),
            (1030, "shop", "order 11: paid"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_breaker_answers_at_once_and_one_probe_asks() {
    let journal = Journal::new();
    timeout(HOUR, with_a_breaker(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 1"),
            (40, "bank", "receives request 2"),
            (80, "bank", "receives request 3"),
            (100, "shop", "order 1: no answer"),
            (140, "shop", "order 2: no answer"),
            (150, "bank", "receives request 4"),
            (180, "breaker", "opens"),
            (180, "shop", "order 3: no answer"),
            (220, "shop", "order 5: not now, try again later"),
            (250, "shop", "order 4: no answer"), // it began before the breaker opened, and changes nothing
            (350, "shop", "order 6: not now, try again later"),
            (490, "breaker", "is half-open: lets a probe through"),
            (490, "bank", "receives request 7"),
            (520, "shop", "order 8: not now, try again later"),
            (590, "breaker", "opens"),
            (590, "shop", "order 7: no answer"),
            (900, "breaker", "is half-open: lets a probe through"),
            (900, "bank", "receives request 9"),
            (910, "shop", "order 10: not now, try again later"),
            (930, "bank", "charges $12.50 for request 9"),
            (930, "breaker", "closes"),
            (930, "shop", "order 9: paid"),
            (1000, "bank", "receives request 11"),
            (1030, "bank", "charges $12.50 for request 11"),
            (1030, "shop", "order 11: paid"),
        ]
    );
}
