//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use std::sync::Arc;
use std::time::Duration;

use shared::{Journal, Pace, Story};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};

use crate::bucket::TokenBucket;
use crate::customers::{Customers, request, three_then_steady};
use crate::limiter::{Limiter, Refused};
use crate::provider::{LIMIT, MINUTE, Provider, send};
use crate::window::{Limit, SlidingWindow};
use crate::wrong::{FixedWindow, Reserving, Ticks};
use crate::{pace as pacing, policy, wrong};

/// One token every 600 ms is 100 a minute.
pub const EVERY: Duration = Duration::from_millis(600);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 24: rate limits")
        .hurried_scene("fixed-window", "Wrong: the count begins again at each border", 200, fixed_window)
        .hurried_scene("sliding-window", "Right: a window that slides", 300, sliding_window)
        .hurried_scene("interval", "Wrong: an interval saves its ticks up", 2000, saved_ticks)
        .hurried_scene("token-bucket", "Right: a bucket of three tokens saves three", 8, token_bucket)
        .scene("policies", "Over the limit: wait, drop, or error", policies)
        .hurried_scene("try-again", "Wrong: without a queue, the one that asks most gets all", 4, try_again)
        .hurried_scene("first-come", "Right: first come, first served", 4, first_come)
        .hurried_scene("one-for-all", "Wrong: one customer's requests delay another's", 8, one_for_all)
        .hurried_scene("one-each", "Right: a limit for each customer", 8, one_each)
        .hurried_scene("reserved", "Wrong: callers that give up leave holes", 6, reserved)
        .hurried_scene("gives-up", "Right: a caller that gives up has taken nothing", 6, gives_up)
        .scene("sleep-each", "Wrong: 3,000 a second, with a sleep before each", |journal| async move {
            wrong::sleep_each(9, 3000, &journal).await;
        })
        .scene("deadlines", "Right: 3,000 a second, with a deadline for each", |journal| async move {
            pacing::paced(9, 3000, &journal).await;
        })
}

/// A hundred notifications at 59 s, and a hundred more at 61 s.
async fn two_bursts(limiter: Limiter<impl Limit>, journal: Journal, pace: Pace) {
    let provider = Provider::new(pace);
    sleep(pace.of(ms(59_000))).await;
    send(LIMIT, async || limiter.acquire().await, &provider, &journal).await;
    sleep(pace.of(ms(2_000))).await;
    send(LIMIT, async || limiter.acquire().await, &provider, &journal).await;
}

pub async fn fixed_window(journal: Journal, pace: Pace) {
    two_bursts(Limiter::new(FixedWindow::new(LIMIT, pace.of(MINUTE))), journal, pace).await;
}

pub async fn sliding_window(journal: Journal, pace: Pace) {
    let window = SlidingWindow::new(100, pace.of(Duration::from_secs(61))); // the provider's minute, and a margin
    two_bursts(Limiter::new(window), journal, pace).await;
}

pub async fn saved_ticks(journal: Journal, pace: Pace) {
    let (ticks, provider) = (Ticks::new(interval(pace.of(EVERY))), Provider::new(pace));
    sleep(pace.of(10 * MINUTE)).await;
    send(1000, async || ticks.acquire().await, &provider, &journal).await;
}

pub async fn token_bucket(journal: Journal, pace: Pace) {
    let limiter = Arc::new(three_then_steady(pace));
    for number in 1..=5 {
        request(7, number, Arc::clone(&limiter), journal.clone()).await;
    }
    sleep(pace.of(ms(3_000))).await;
    for number in 1..=4 {
        request(8, number, Arc::clone(&limiter), journal.clone()).await;
    }
}

/// A bucket with one token, which is taken at 0 ms.
async fn used_up(pace: Pace) -> Limiter<TokenBucket> {
    let limiter = Limiter::new(TokenBucket::new(1, pace.of(EVERY)));
    limiter.acquire().await;
    limiter
}

pub async fn policies(journal: Journal) {
    let limiter = used_up(Pace::FULL).await;
    sleep(ms(100)).await;
    if let Err(Refused::Until(free_at)) = policy::search(&limiter, &journal) {
        let wait = free_at.duration_since(Instant::now());
        journal.log("search", format_args!("Error: try again in {} ms", wait.as_millis()));
    }
    sleep(ms(110)).await;
    policy::report_progress(&limiter, &journal);
    sleep(ms(50)).await;
    policy::pay(&limiter, &journal).await;
}

/// An import and a checkout need a request each, again and again. The import asks every 5 ms, the checkout every 250 ms.
pub async fn try_again(journal: Journal, pace: Pace) {
    let limiter = used_up(pace).await;
    let task = async |name: &'static str, starts_ms, pause_ms| {
        sleep(pace.of(ms(starts_ms))).await;
        loop {
            wrong::try_again(&limiter, pace.of(ms(pause_ms))).await;
            journal.log(name, "passes");
        }
    };
    let both = async { tokio::join!(task("import", 10, 5), task("checkout", 40, 250)) };
    watch(both, 1_900, journal.clone(), pace).await;
}

pub async fn first_come(journal: Journal, pace: Pace) {
    let limiter = used_up(pace).await;
    let task = async |name: &'static str, starts_ms| {
        sleep(pace.of(ms(starts_ms))).await;
        loop {
            limiter.acquire().await;
            journal.log(name, "passes");
        }
    };
    let both = async { tokio::join!(task("import", 10), task("checkout", 40)) };
    watch(both, 1_900, journal.clone(), pace).await;
}

/// Both go on for ever, so the story stops watching.
async fn watch(tasks: impl Future, until_ms: u64, journal: Journal, pace: Pace) {
    if timeout(pace.of(ms(until_ms)), tasks).await.is_err() {
        journal.log("story", "stops watching");
    }
}

pub async fn one_for_all(journal: Journal, pace: Pace) {
    let limiter = Arc::new(three_then_steady(pace));
    six_and_one(|_customer| Arc::clone(&limiter), journal, pace).await;
}

pub async fn one_each(journal: Journal, pace: Pace) {
    let customers = Customers::default();
    six_and_one(|customer| customers.of(customer, pace), journal, pace).await;
}

/// Customer 7 makes six requests at the same time, in six tasks. Customer 8 makes one, 10 ms later.
async fn six_and_one(limiter_of: impl Fn(u32) -> Arc<Limiter<TokenBucket>>, journal: Journal, pace: Pace) {
    let mut requests = JoinSet::new();
    for number in 1..=6 {
        requests.spawn(request(7, number, limiter_of(7), journal.clone()));
    }
    sleep(pace.of(ms(10))).await;
    requests.spawn(request(8, 1, limiter_of(8), journal));
    requests.join_all().await;
}

/// Callers 2 and 3 give up after 100 ms, caller 4 does not.
async fn with_two_that_give_up(acquire: impl AsyncFn(), journal: Journal, pace: Pace) {
    let caller = async |name: &'static str, starts_ms| {
        sleep(pace.of(ms(starts_ms))).await;
        acquire().await;
        journal.log(name, "passes");
    };
    let gives_up = async |name: &'static str, starts_ms| {
        if timeout(pace.of(ms(starts_ms + 100)), caller(name, starts_ms)).await.is_err() {
            journal.log(name, "gives up");
        }
    };
    tokio::join!(
        caller("caller 1", 0),
        gives_up("caller 2", 10),
        gives_up("caller 3", 20),
        caller("caller 4", 30)
    );
}

pub async fn reserved(journal: Journal, pace: Pace) {
    let limiter = Reserving::new(pace.of(EVERY));
    with_two_that_give_up(async || limiter.acquire().await, journal, pace).await;
}

pub async fn gives_up(journal: Journal, pace: Pace) {
    let limiter = Limiter::new(TokenBucket::new(1, pace.of(EVERY)));
    with_two_that_give_up(async || limiter.acquire().await, journal, pace).await;
}
