//! The tests of exercise 11.3. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::publish_all;

fn orders(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("order {number}")).collect()
}

/// Publishes that many orders; a function that never returns is noted in the story.
async fn published(count: usize, workers: usize, journal: &Journal) -> Vec<String> {
    let ended = timeout(HOUR, publish_all(orders(count), workers, journal.clone())).await;
    ended.unwrap_or_else(|_| {
        journal.log("test", "gave up: publish_all did not return, and no task could go on");
        Vec::new()
    })
}

#[tokio::test(start_paused = true)]
async fn three_workers_publish_six_orders_in_4_seconds() {
    let journal = Journal::new();
    let mut returned = published(6, 3, &journal).await;
    assert_journal!(
        journal,
        [
            (2000, "worker 1", "published order 1"),
            (2000, "worker 2", "published order 2"),
            (2000, "worker 3", "published order 3"),
            (4000, "worker 1", "published order 4"),
            (4000, "worker 2", "published order 5"),
            (4000, "worker 3", "published order 6"),
        ]
    );
    returned.sort(); // on the same millisecond, the order of the workers is not promised
    assert_eq!(returned, orders(6), "every order must be returned once");
}

#[tokio::test(start_paused = true)]
async fn two_workers_publish_three_orders_in_4_seconds() {
    let journal = Journal::new();
    let mut returned = published(3, 2, &journal).await;
    assert_journal!(
        journal,
        [
            (2000, "worker 1", "published order 1"),
            (2000, "worker 2", "published order 2"),
            (4000, "worker 1", "published order 3"),
        ]
    );
    returned.sort();
    assert_eq!(returned, orders(3), "every order must be returned once");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_orders_do_not_stop_the_three_workers() {
    let (journal, start) = (Journal::new(), Instant::now());
    let returned = published(200, 3, &journal).await;
    let (seconds, count) = (start.elapsed().as_secs(), returned.len());
    assert!(
        seconds == 134 && count == 200,
        "200 orders by 3 workers take 67 rounds of 2 s.\n\
         expected: 200 orders returned after 134 s\n\
         actual:   {count} orders returned after {seconds} s\n\
         (3600 s means that no task could go on. If the other tests pass: who deals the orders waits for a place in a \
         queue, the workers wait for a place among the results, and nobody collects)"
    );
}
