//! What the chapter says about `Semaphore` and `for_each_concurrent`: fairness, panics, limits and drops.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{Semaphore, TryAcquireError};
use tokio::time::{sleep, timeout};
use tokio_test::{assert_pending, assert_ready_ok, task};

const STUCK: &str = "no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn permits_are_given_in_the_order_in_which_they_were_asked_for() {
    let permits = Semaphore::new(2);
    let one = permits.try_acquire().unwrap();
    let other = permits.try_acquire().unwrap();
    let mut large = task::spawn(permits.acquire_many(2));
    let mut small = task::spawn(permits.acquire());
    assert_pending!(large.poll());
    assert_pending!(small.poll());

    drop(one);
    assert_eq!(permits.available_permits(), 0, "the free permit is kept for the one in front");
    assert!(!small.is_woken(), "one permit would be enough for it, but it is behind");
    assert_eq!(permits.try_acquire().unwrap_err(), TryAcquireError::NoPermits, "nor can it be jumped");
    drop(other);
    assert!(large.is_woken());
    drop(assert_ready_ok!(large.poll()));
    drop(assert_ready_ok!(small.poll()));
}

#[test]
fn an_acquire_that_is_dropped_keeps_no_permit() {
    let permits = Semaphore::new(1);
    let held = permits.try_acquire().unwrap();
    let mut waiting = task::spawn(permits.acquire());
    assert_pending!(waiting.poll());
    drop(held); // the permit is now reserved for the one that waits
    assert_eq!(permits.available_permits(), 0);
    drop(waiting);
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_or_is_aborted_gives_its_permit_back() {
    let permits = Arc::new(Semaphore::new(1));
    let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
    let panicking = tokio::spawn(async move {
        let _permit = permit;
        std::panic::resume_unwind(Box::new("a bug")); // prints nothing
    });
    assert!(panicking.await.unwrap_err().is_panic());
    assert_eq!(permits.available_permits(), 1);

    let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
    let waiting = tokio::spawn(async move {
        std::future::pending::<()>().await;
        drop(permit);
    });
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn wrong_an_underscore_drops_the_permit_at_once() {
    let permits = Semaphore::new(1);
    let _ = permits.acquire().await.unwrap();
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn wrong_more_permits_than_there_are_never_come() {
    let permits = Semaphore::new(50);
    timeout(HOUR, permits.acquire_many(51)).await.expect_err("there are only 50");
}

#[tokio::test(start_paused = true)]
async fn both_permits_at_once_do_not_hang() {
    let permits = Semaphore::new(2);
    let order = async || {
        let _both = permits.acquire_many(2).await.unwrap();
        tokio::task::yield_now().await;
    };
    timeout(HOUR, async { tokio::join!(order(), order()) }).await.expect(STUCK);
}

#[tokio::test(start_paused = true)]
async fn a_limit_can_change_while_it_is_in_use() {
    let permits = Semaphore::new(50);
    permits.add_permits(10);
    assert_eq!(permits.available_permits(), 60);
    assert_eq!(permits.forget_permits(20), 20);
    assert_eq!(permits.available_permits(), 40);
}

#[tokio::test(start_paused = true)]
async fn for_each_concurrent_takes_an_event_when_it_has_a_slot_for_it() {
    let journal = Journal::new();
    let events = stream::iter([(3, 70), (1, 20), (2, 90)])
        .inspect(|(id, _)| journal.log("source", format_args!("gives event {id}")));
    let publishing = events.for_each_concurrent(2, async |(id, takes_ms)| {
        sleep(ms(takes_ms)).await;
        journal.log("relay", format_args!("published event {id}"));
    });
    timeout(HOUR, publishing).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "source", "gives event 3"),
            (0, "source", "gives event 1"),
            (20, "relay", "published event 1"),
            (20, "source", "gives event 2"),
            (70, "relay", "published event 3"),
            (110, "relay", "published event 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_limit_of_zero_is_no_limit() {
    let (in_flight, most) = (Cell::new(0), Cell::new(0));
    let publishing = stream::iter(0..1000).for_each_concurrent(0, async |_| {
        in_flight.set(in_flight.get() + 1);
        most.set(most.get().max(in_flight.get()));
        sleep(ms(50)).await;
        in_flight.set(in_flight.get() - 1);
    });
    timeout(HOUR, publishing).await.expect(STUCK);
    assert_eq!(most.get(), 1000);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_panic_in_for_each_concurrent_drops_the_others() {
    let journal = Journal::new();
    let published = journal.clone();
    let relay = tokio::spawn(async move {
        let publish = async |id: u64| {
            sleep(ms(10 * id)).await;
            if id == 2 {
                std::panic::resume_unwind(Box::new("a bug"));
            }
            published.log("relay", format_args!("published event {id}"));
        };
        stream::iter([3_u64, 1, 2]).for_each_concurrent(3, publish).await;
    });
    assert!(relay.await.unwrap_err().is_panic());
    assert_journal!(journal, [(10, "relay", "published event 1")]);
}
