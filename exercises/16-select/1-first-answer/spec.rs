//! The tests of exercise 16.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::{Mirror, download};

/// Downloads from a mirror in Oslo and one in Rome, and compares what came, and when.
async fn downloaded(oslo_ms: u64, rome_ms: u64, expected: (Option<&str>, u128)) {
    let mirror = |name, ms| Mirror { name, takes: Duration::from_millis(ms) };
    let started = Instant::now();
    let downloading = download([mirror("Oslo", oslo_ms), mirror("Rome", rome_ms)]);
    let file = timeout(HOUR, downloading).await.ok().flatten();
    let (expected_file, expected_ms) = expected;
    let at_ms = started.elapsed().as_millis();
    assert!(
        (file.as_deref(), at_ms) == expected,
        "Oslo takes {oslo_ms} ms and Rome {rome_ms} ms: expected {expected_file:?} after {expected_ms} ms, \
         and got {file:?} after {at_ms} ms"
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_mirror_is_faster() {
    downloaded(100, 250, (Some("the file from Oslo"), 100)).await;
}

#[tokio::test(start_paused = true)]
async fn the_second_mirror_is_faster() {
    downloaded(280, 50, (Some("the file from Rome"), 50)).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_300_ms() {
    downloaded(900, 500, (None, 300)).await;
}

#[tokio::test(start_paused = true)]
async fn one_slow_mirror_does_no_harm() {
    downloaded(9000, 200, (Some("the file from Rome"), 200)).await;
}
