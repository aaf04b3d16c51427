//! A hundred callers that fail in the same millisecond: in lockstep, with the same seed, and with jitter of their own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use lesson_25::backoff::{Backoff, longest};
use lesson_25::storm::{Broker, PerMs, measured, storm};
use shared::{Journal, assert_journal};

/// How many gave up, and how many requests the broker had in each millisecond.
async fn stormed(backoff: impl FnMut(u64) -> Backoff) -> (usize, PerMs) {
    let broker = Arc::new(Broker::start());
    (storm(&broker, backoff).await, broker.per_ms())
}

// ANCHOR: lockstep
#[tokio::test(start_paused = true)]
async fn wrong_callers_that_pause_equally_long_come_back_together() {
    let (gave_up, per_ms) = stormed(|_caller| Backoff::Exact).await;
    assert_eq!(per_ms, PerMs::from([(0, 100), (100, 90), (300, 80)])); // ten are served each time
    assert_eq!(gave_up, 70);
}

#[tokio::test(start_paused = true)]
async fn with_jitter_they_come_back_one_by_one() {
    let (gave_up, per_ms) = stormed(|caller| Backoff::Jitter(Rng::with_seed(caller))).await;
    assert_eq!(gave_up, 0);
    assert_eq!(per_ms[&0], 100);
    assert!(per_ms.range(1..).all(|(_, &requests)| requests <= 4), "{per_ms:?}");
}
// ANCHOR_END: lockstep

// ANCHOR: same-seed
#[tokio::test(start_paused = true)]
async fn wrong_the_same_seed_for_all_is_no_jitter() {
    let one = Rng::with_seed(42);
    let (gave_up, per_ms) = stormed(|_caller| Backoff::Jitter(one.clone())).await; // a clone draws the same numbers
    assert_eq!(per_ms.values().collect::<Vec<_>>(), [&100, &90, &80]);
    assert_eq!(gave_up, 70);
}

#[tokio::test(start_paused = true)]
async fn a_fork_draws_numbers_of_its_own() {
    let mut one = Rng::with_seed(42);
    let (gave_up, per_ms) = stormed(|_caller| Backoff::Jitter(one.fork())).await;
    assert_eq!(gave_up, 0);
    assert!(per_ms.range(1..).all(|(_, &requests)| requests <= 4), "{per_ms:?}");
}
// ANCHOR_END: same-seed

#[test]
fn jitter_is_anything_up_to_the_longest_pause_and_repeats_with_its_seed() {
    let draw = |seed| {
        let mut backoff = Backoff::Jitter(Rng::with_seed(seed));
        (0..1000).map(|_| backoff.pause(2)).collect::<Vec<_>>()
    };
    let pauses = draw(1);
    assert!(pauses.iter().all(|&pause| pause < longest(2)));
    let quarters: BTreeSet<u128> = pauses.iter().map(|pause| pause.as_millis() / 50).collect();
    assert_eq!(quarters, BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(pauses, draw(1));
    assert_ne!(pauses, draw(2));
}

#[tokio::test(start_paused = true)]
async fn the_meter_shows_the_storm() {
    let journal = Journal::new();
    measured(journal.clone(), |_caller| Backoff::Exact).await;
    assert_journal!(
        journal,
        [
            (30, "broker", "100 requests, up to 100 in a millisecond"),
            (120, "broker", "90 requests, up to 90 in a millisecond"),
            (300, "callers", "70 of 100 have given up"),
            (330, "broker", "80 requests, up to 80 in a millisecond"),
        ]
    );
    assert_eq!(longest(2), Duration::from_millis(200));
}
