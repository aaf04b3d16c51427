//! The tests of exercise 24.3. Your file and the solution are tested by this one copy.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::sut::Pacer;

/// A pacer that counts how often its waits are polled.
struct Watched(Pacer);

impl Watched {
    async fn pace(&mut self) {
        let (mut wait, mut polls) = (pin!(self.0.pace()), 0);
        poll_fn(|cx| {
            polls += 1;
            assert!(polls <= 5, "one call of `pace` was polled {polls} times: it keeps looking at the clock");
            wait.as_mut().poll(cx)
        })
        .await;
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Lets this many events pass without working on them. At which milliseconds did they pass?
async fn passed(pacer: &mut Watched, count: usize) -> Vec<u64> {
    let (start, mut passed) = (Instant::now(), Vec::new());
    for _ in 0..count {
        pacer.pace().await;
        passed.push(start.elapsed().as_millis() as u64);
    }
    passed
}

/// How many passed in the fullest millisecond.
fn most_at_once(passed: &[u64]) -> usize {
    passed.chunk_by(|at, next| at == next).map(<[u64]>::len).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn each_rate_is_kept() {
    for (per_second, at_once_max) in [(3000, 4), (40, 1), (700, 2), (1300, 2), (7000, 8)] {
        let passed = passed(&mut Watched(Pacer::new(per_second)), per_second as usize).await;
        let took_ms = passed.last().expect("events have passed");
        let period_ms = 1000 / u64::from(per_second) + 1;
        assert!(
            (1000 - period_ms..=1001).contains(took_ms),
            "{per_second} events at {per_second} a second: expected about 1000 ms, and they took {took_ms} ms"
        );
        let most = most_at_once(&passed);
        assert!(most <= at_once_max, "at {per_second} a second, {most} events passed in one millisecond");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_pause_costs_nothing() {
    let (mut pacer, start) = (Watched(Pacer::new(3000)), Instant::now());
    for event in 1..=3000 {
        pacer.pace().await;
        if event % 211 == 0 {
            sleep(ms(7)).await; // a slow event, 14 in all
        }
    }
    let took_ms = start.elapsed().as_millis();
    assert!(
        (998..=1002).contains(&took_ms),
        "3000 events at 3000 a second, and 14 of them took 7 ms: expected about 1000 ms, because pauses of less than 10 ms are \
         caught up with, and they took {took_ms} ms"
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_long_pause_ten_milliseconds_are_caught_up_with() {
    for (per_second, expected) in [(3000, 29..=31), (700, 6..=8), (5100, 50..=52)] {
        let mut pacer = Watched(Pacer::new(per_second));
        passed(&mut pacer, 17).await;
        sleep(ms(433)).await;
        let passed = passed(&mut pacer, 200).await;
        let at_once = passed.iter().filter(|at| **at == 0).count();
        assert!(
            expected.contains(&at_once),
            "after a pause of 433 ms at {per_second} a second, {at_once} events passed at once; expected {expected:?}, which are 10 ms"
        );
        let rest = &passed[at_once..];
        let took_ms = rest.last().expect("there are more") - rest[0];
        let about_ms = (rest.len() as u64 - 1) * 1000 / u64::from(per_second);
        assert!(
            (about_ms.saturating_sub(1)..=about_ms + 2).contains(&took_ms),
            "behind them {} events at {per_second} a second: expected about {about_ms} ms, and they took {took_ms} ms",
            rest.len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_17_ms_is_caught_up_with_in_part() {
    let mut pacer = Watched(Pacer::new(3000));
    passed(&mut pacer, 50).await;
    sleep(ms(17)).await;
    let at_once = passed(&mut pacer, 100).await.iter().filter(|at| **at == 0).count();
    assert!(
        (29..=31).contains(&at_once),
        "after a pause of 17 ms, {at_once} events passed at once; expected about 30, which are 10 ms at 3000 a second"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_dropped_does_not_count() {
    let (mut pacer, start) = (Watched(Pacer::new(40)), Instant::now()); // one event every 25 ms
    pacer.pace().await;
    for _ in 0..3 {
        assert!(
            timeout(ms(7), pacer.pace()).await.is_err(),
            "at 40 a second, a second event passed at {} ms; expected 25 ms",
            start.elapsed().as_millis()
        );
    }
    pacer.pace().await;
    let at_ms = start.elapsed().as_millis();
    assert!(
        at_ms == 25,
        "three waits were dropped before 25 ms; then the event passed at {at_ms} ms, and was due at 25 ms"
    );
}
