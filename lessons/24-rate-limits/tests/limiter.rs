//! A limit that tasks share: the order of those that wait, those that give up, and those that would not wait.

use std::sync::Arc;
use std::time::Duration;

use lesson_24::bucket::TokenBucket;
use lesson_24::customers::{Customers, request};
use lesson_24::limiter::{Limiter, Refused};
use lesson_24::story::EVERY;
use lesson_24::wrong::{self, Locked, Reserving};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready, task};

const STUCK: &str = "no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A bucket for one token, which has just been taken. The next one comes after 600 ms.
fn used_up() -> Limiter<TokenBucket> {
    let limiter = Limiter::new(TokenBucket::new(1, EVERY));
    limiter.try_acquire().expect("the bucket is full");
    limiter
}

#[tokio::test(start_paused = true)]
async fn callers_pass_in_the_order_in_which_they_came() {
    let (journal, limiter) = (Journal::new(), Arc::new(used_up()));
    let mut requests = JoinSet::new();
    for (customer, pause_ms) in [(8, 31), (3, 7), (5, 112), (1, 240)] {
        sleep(ms(pause_ms)).await;
        requests.spawn(request(customer, 1, Arc::clone(&limiter), journal.clone()));
    }
    timeout(HOUR, requests.join_all()).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (600, "customer 8", "request 1 passes"),
            (1200, "customer 3", "request 1 passes"),
            (1800, "customer 5", "request 1 passes"),
            (2400, "customer 1", "request 1 passes"),
        ]
    );
}

// ANCHOR: dropped
#[tokio::test(start_paused = true)]
async fn a_caller_that_is_dropped_has_taken_nothing() {
    let limiter = used_up();
    let mut first = task::spawn(limiter.acquire());
    let mut second = task::spawn(limiter.acquire());
    assert_pending!(first.poll()); // sleeps until 600 ms
    assert_pending!(second.poll()); // waits for its turn

    sleep(ms(601)).await;
    assert!(first.is_woken()); // a token is there, and the first has not been polled
    drop(first);
    assert!(second.is_woken()); // it is the second's turn
    assert_ready!(second.poll()); // which gets the token
    assert_eq!(limiter.try_acquire(), Err(Refused::Until(Instant::now() + ms(599))));
}
// ANCHOR_END: dropped

#[tokio::test(start_paused = true)]
async fn a_caller_that_is_dropped_in_the_queue_has_taken_nothing() {
    let limiter = used_up();
    let mut first = task::spawn(limiter.acquire());
    let mut second = task::spawn(limiter.acquire());
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(second);
    drop(first);
    sleep(ms(600)).await;
    assert_eq!(limiter.try_acquire(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_reserved_moment_is_gone_although_its_caller_is() {
    let limiter = Reserving::new(EVERY);
    limiter.acquire().await;
    for _ in 0..10 {
        timeout(ms(10), limiter.acquire()).await.expect_err("its moment is later");
    }
    let asked = Instant::now();
    limiter.acquire().await;
    assert_eq!(asked.elapsed(), 11 * EVERY - ms(100)); // asked at 100 ms
}

#[tokio::test(start_paused = true)]
async fn a_wait_can_be_bounded() {
    let limiter = used_up();
    for _ in 0..10 {
        timeout(ms(10), limiter.acquire()).await.expect_err("the next token comes at 600 ms");
    }
    let asked = Instant::now();
    limiter.acquire().await;
    assert_eq!(asked.elapsed(), EVERY - ms(100));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_does_not_wait_does_not_overtake_those_that_do() {
    let limiter = used_up();
    let mut waiting = task::spawn(limiter.acquire());
    assert_pending!(waiting.poll());
    sleep(ms(601)).await; // a token is there
    assert_eq!(limiter.try_acquire(), Err(Refused::OthersWait));
    assert_ready!(waiting.poll());
    sleep(ms(600)).await;
    assert_eq!(limiter.try_acquire(), Ok(())); // nobody waits
}

#[tokio::test(start_paused = true)]
async fn wrong_a_lock_that_is_held_while_waiting_makes_everyone_wait() {
    let locked = Arc::new(Locked::new(TokenBucket::new(1, EVERY)));
    locked.acquire().await;
    tokio::spawn({
        let locked = Arc::clone(&locked);
        async move { locked.acquire().await }
    });
    sleep(ms(10)).await;
    let asked = Instant::now();
    assert!(locked.try_acquire().await.is_err());
    assert_eq!(asked.elapsed(), ms(590)); // to be told that there is no token
}

/// Makes one request after another, and counts them.
async fn count(acquire: impl AsyncFn(), passed: &mut u32) {
    loop {
        acquire().await;
        *passed += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_in_a_minute_one_caller_gets_all_and_with_a_queue_each_gets_half() {
    let (limiter, mut import, mut checkout) = (used_up(), 0, 0);
    let both = async {
        tokio::join!(count(async || wrong::try_again(&limiter, ms(5)).await, &mut import), async {
            sleep(ms(40)).await; // so that they never ask in the same millisecond in which a token comes
            count(async || wrong::try_again(&limiter, ms(250)).await, &mut checkout).await;
        },)
    };
    timeout(ms(60_001), both).await.expect_err("they go on for ever");
    assert_eq!((import, checkout), (100, 0));

    let (limiter, mut import, mut checkout) = (used_up(), 0, 0);
    let both = async {
        tokio::join!(
            count(async || limiter.acquire().await, &mut import),
            count(async || limiter.acquire().await, &mut checkout),
        )
    };
    timeout(ms(60_001), both).await.expect_err("they go on for ever");
    assert_eq!((import, checkout), (50, 50));
}

#[test]
fn threads_share_it_and_no_token_is_taken_twice_or_refused_for_nothing() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    let passed = runtime.block_on(async {
        let limiter = Arc::new(Limiter::new(TokenBucket::new(1000, HOUR)));
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let limiter = Arc::clone(&limiter);
            tasks.spawn(async move {
                let answers: Vec<_> = (0..500).map(|_| limiter.try_acquire()).collect();
                assert!(!answers.contains(&Err(Refused::OthersWait)), "nobody waits");
                answers.iter().filter(|answer| answer.is_ok()).count()
            });
        }
        tasks.join_all().await.into_iter().sum::<usize>()
    });
    assert_eq!(passed, 1000);
}

#[tokio::test(start_paused = true)]
async fn each_customer_has_one_limiter() {
    let customers = Customers::default();
    let (first, again) = (customers.of(7, Pace::FULL), customers.of(7, Pace::FULL));
    assert!(Arc::ptr_eq(&first, &again));
    assert!(!Arc::ptr_eq(&first, &customers.of(8, Pace::FULL)));
}
