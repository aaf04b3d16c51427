//! The clock has whole milliseconds: what that does to a rate above 1,000 a second.

use std::time::Duration;

use lesson_24::bucket::TokenBucket;
use lesson_24::limiter::Limiter;
use lesson_24::{pace, wrong};
use shared::Journal;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_test::{assert_pending, task};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

async fn took(future: impl Future) -> Duration {
    let started = Instant::now();
    future.await;
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_next_whole_millisecond() {
    assert_eq!(took(sleep(Duration::from_nanos(1))).await, ms(1));
    assert_eq!(took(sleep(Duration::from_micros(333))).await, ms(1));
    assert_eq!(took(sleep(Duration::from_micros(1001))).await, ms(2));
    assert_eq!(took(sleep_until(Instant::now())).await, ms(0)); // the deadline has passed
    assert_eq!(took(sleep_until(Instant::now() - ms(5))).await, ms(0));
}

#[tokio::test(start_paused = true)]
async fn wrong_3000_events_at_3000_a_second_take_three_seconds() {
    let journal = Journal::new();
    assert_eq!(took(wrong::sleep_each(3000, 3000, &journal)).await, ms(3000));
    assert_eq!(took(pace::paced(3000, 3000, &journal)).await, ms(1000));
}

#[tokio::test] // on the real clock, which may be slower than this, and never faster
async fn wrong_on_the_real_clock_too_it_is_not_more_than_one_in_a_millisecond() {
    assert!(took(wrong::sleep_each(100, 3000, &Journal::new())).await > ms(98));
}

#[tokio::test(start_paused = true)]
async fn a_bucket_must_have_room_for_what_comes_in_a_millisecond() {
    for (capacity, takes_ms) in [(1, 2999), (2, 1499), (3, 999)] {
        let limiter = Limiter::new(TokenBucket::new(capacity, Duration::from_secs(1) / 3000));
        let requests = async {
            for _ in 0..3000 {
                limiter.acquire().await;
            }
        };
        assert_eq!(took(requests).await, ms(takes_ms), "room for {capacity}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_everything_that_is_late_follows_at_once() {
    let journal = Journal::new();
    let mut pacing = task::spawn(pace::paced(3000, 3000, &journal));
    assert_pending!(pacing.poll());
    sleep(ms(1000)).await; // the process was stopped, or the broker did not answer
    pacing.await;
    let late = journal.entries().into_iter().filter(|entry| entry.at_ms == 1000).count();
    assert_eq!(late, 2999);
}

#[tokio::test(start_paused = true)]
async fn an_interval_keeps_deadlines_too() {
    for behavior in [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
        let mut ticks = interval(Duration::from_secs(1) / 3000);
        ticks.set_missed_tick_behavior(behavior); // applies only to a tick that is more than 5 ms late
        let requests = async {
            for _ in 0..3000 {
                ticks.tick().await;
            }
        };
        assert_eq!(took(requests).await, ms(1000), "{behavior:?}");
    }
}
