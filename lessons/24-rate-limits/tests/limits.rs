//! What each limit lets pass: on its own, and compared as the table of the chapter.

use std::path::Path;
use std::time::Duration;

use lesson_24::bucket::TokenBucket;
use lesson_24::limiter::Limiter;
use lesson_24::provider::MINUTE;
use lesson_24::window::{Limit, SlidingWindow};
use lesson_24::wrong::{self, FixedWindow, Forgetful, Ticks};
use shared::{HOUR, assert_artifact};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout_at};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Asks at each of these milliseconds; which ones pass?
fn passed(mut limit: impl Limit, asked_ms: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let start = Instant::now();
    asked_ms.into_iter().filter(|&at| limit.take(start + ms(at)).is_ok()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_sliding_window_counts_back_from_each_request() {
    let window = || SlidingWindow::new(3, ms(1000));
    assert_eq!(passed(window(), [0, 400, 900, 999, 1000, 1399, 1400, 1401]), [0, 400, 900, 1000, 1400]);
    assert_eq!(passed(window(), [5000, 5000, 5000, 5000, 5999, 6000]), [5000, 5000, 5000, 6000]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_is_not_counted_and_learns_when_one_may_pass() {
    let (start, mut window) = (Instant::now(), SlidingWindow::new(2, ms(1000)));
    assert_eq!(window.take(start), Ok(()));
    assert_eq!(window.take(start + ms(300)), Ok(()));
    for at in [300, 700, 999] {
        assert_eq!(window.take(start + ms(at)), Err(start + ms(1000)));
    }
    assert_eq!(window.take(start + ms(1000)), Ok(()));
    assert_eq!(window.take(start + ms(1000)), Err(start + ms(1300)));

    let (start, mut bucket) = (Instant::now(), TokenBucket::new(1, ms(600)));
    assert_eq!(bucket.take(start + ms(100)), Ok(()));
    assert_eq!(bucket.take(start + ms(250)), Err(start + ms(600)));
}

// ANCHOR: remainder
#[tokio::test(start_paused = true)]
async fn wrong_a_bucket_that_forgets_the_remainder_is_never_refilled() {
    // One request every 500 ms for a minute, and a token every 600 ms.
    let asked = || (0..120).map(|number| number * 500);
    assert_eq!(passed(TokenBucket::new(1, ms(600)), asked()).len(), 100);
    assert_eq!(passed(Forgetful::new(1, ms(600)), asked()).len(), 1);
}
// ANCHOR_END: remainder

#[tokio::test(start_paused = true)]
async fn wrong_the_clock_of_the_standard_library_does_not_move_with_the_paused_one() {
    let mut window = SlidingWindow::new(1, MINUTE);
    assert!(wrong::take_by_the_std_clock(&mut window).is_ok());
    sleep(HOUR).await;
    assert!(wrong::take_by_the_std_clock(&mut window).is_err()); // an hour later, by Tokio's clock
    assert!(window.take(Instant::now()).is_ok());
}

/// Asks without a pause for two minutes, and returns when each request passed.
async fn greedy(acquire: &impl AsyncFn()) -> Vec<Instant> {
    let (ends_at, mut passed) = (Instant::now() + 2 * MINUTE, Vec::new());
    while timeout_at(ends_at, acquire()).await.is_ok() {
        passed.push(Instant::now());
    }
    passed
}

/// How many passed in the fullest minute: from each request, those less than a minute later.
fn worst_minute(passed: &[Instant]) -> usize {
    let from = |first: usize| passed[first..].partition_point(|at| *at < passed[first] + MINUTE);
    (0..passed.len()).map(from).max().unwrap_or(0)
}

/// What one kind of limit does.
struct Measured {
    /// How many pass in the same millisecond, after an hour in which none was made.
    at_once: usize,
    /// The fullest minute of a caller that asks without a pause, from the hour or from half a second before it.
    worst_minute: usize,
    /// One customer has used what there was; another asks one second later, and waits this long.
    other_waits: Duration,
}

async fn measure<A: AsyncFn()>(limiter: impl Fn() -> A) -> Measured {
    let mut worst = 0;
    for asks_from in [HOUR - ms(500), HOUR] {
        let acquire = limiter();
        sleep(asks_from).await;
        worst = worst.max(worst_minute(&greedy(&acquire).await));
    }
    let acquire = limiter();
    sleep(HOUR).await;
    let (hour, mut at_once) = (Instant::now(), 0);
    while timeout_at(hour + ms(500), acquire()).await.is_ok() {
        at_once += usize::from(Instant::now() == hour);
    }
    sleep_until(hour + ms(1000)).await;
    let asked = Instant::now();
    acquire().await;
    Measured { at_once, worst_minute: worst, other_waits: asked.elapsed() }
}

fn fixed_window() -> impl AsyncFn() {
    let limiter = Limiter::new(FixedWindow::new(100, MINUTE));
    async move || limiter.acquire().await
}

fn sliding_window() -> impl AsyncFn() {
    let limiter = Limiter::new(SlidingWindow::new(100, MINUTE));
    async move || limiter.acquire().await
}

/// A bucket of this capacity, with this many tokens added in a minute.
fn bucket(capacity: u32, a_minute: u32) -> impl AsyncFn() {
    let limiter = Limiter::new(TokenBucket::new(capacity, MINUTE / a_minute));
    async move || limiter.acquire().await
}

fn ticks(behavior: MissedTickBehavior) -> impl AsyncFn() {
    let mut interval = interval(ms(600));
    interval.set_missed_tick_behavior(behavior);
    let ticks = Ticks::new(interval);
    async move || ticks.acquire().await
}

/// Of a limit of 100, and of 10,000.
fn window_bytes() -> [usize; 2] {
    [100, 10_000].map(|limit| SlidingWindow::new(limit, MINUTE).bytes())
}

fn bucket_bytes() -> [usize; 2] {
    [100, 10_000].map(|limit| TokenBucket::new(limit, MINUTE / limit).bytes())
}

#[cfg(target_pointer_width = "64")] // because of the sizes
#[tokio::test(start_paused = true)]
async fn the_table_of_the_chapter() {
    let rows = [
        ("fixed window, 100", measure(fixed_window).await, Some([size_of::<FixedWindow>(); 2])),
        ("interval, 600 ms", measure(|| ticks(MissedTickBehavior::Burst)).await, None),
        ("interval that delays", measure(|| ticks(MissedTickBehavior::Delay)).await, None),
        ("sliding window, 100", measure(sliding_window).await, Some(window_bytes())),
        ("bucket, 100 + 100/min", measure(|| bucket(100, 100)).await, Some(bucket_bytes())),
        ("bucket, 10 + 90/min", measure(|| bucket(10, 90)).await, Some(bucket_bytes())),
    ];
    let mut table = String::from("                         at      worst   another   bytes,   bytes,\n");
    table += "                         once   minute     waits      100   10,000\n";
    for (name, measured, bytes) in rows {
        let Measured { at_once, worst_minute, other_waits } = measured;
        let [small, large] = bytes.map_or(["-"; 2].map(String::from), |bytes| bytes.map(|n| n.to_string()));
        let waits = format!("{} s", other_waits.as_secs());
        table += &format!("{name:<21} {at_once:>7} {worst_minute:>8} {waits:>9} {small:>8} {large:>8}\n");
    }
    let page = format!("# ANCHOR: table\n{table}# ANCHOR_END: table\n");
    assert_artifact(Path::new(env!("CARGO_MANIFEST_DIR")).join("table.txt"), &page);
}

/// The fullest minute of a caller that asks without a pause, from any second after an idle hour.
async fn worst_of_any_start<A: AsyncFn()>(limiter: impl Fn() -> A) -> usize {
    let mut worst = 0;
    for start in 0..60 {
        let acquire = limiter();
        sleep(HOUR + ms(start * 1009)).await;
        worst = worst.max(worst_minute(&greedy(&acquire).await));
    }
    worst
}

#[tokio::test(start_paused = true)]
async fn whenever_the_requests_begin_the_fullest_minute_has_no_more_than_the_table_says() {
    assert_eq!(worst_of_any_start(fixed_window).await, 200);
    assert_eq!(worst_of_any_start(|| ticks(MissedTickBehavior::Delay)).await, 100);
    assert_eq!(worst_of_any_start(sliding_window).await, 100);
    assert_eq!(worst_of_any_start(|| bucket(100, 100)).await, 200);
    assert_eq!(worst_of_any_start(|| bucket(10, 90)).await, 100);
}
