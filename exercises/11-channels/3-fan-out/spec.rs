//! The tests of exercise 11.3. Your file and the solution are tested by this one copy.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{Broker, publish_all};

/// Publishes one order for each of these times, which are how many milliseconds it takes: order 1 takes the first of them.
async fn published(takes_ms: &[u64], workers: usize, journal: &Journal) -> Vec<String> {
    let orders: Vec<String> = (1..=takes_ms.len()).map(|number| format!("order {number}")).collect();
    let takes: HashMap<_, _> =
        orders.iter().cloned().zip(takes_ms.iter().map(|ms| Duration::from_millis(*ms))).collect();
    let broker = Broker { journal: journal.clone(), takes: Arc::new(takes) };
    match timeout(HOUR, publish_all(orders, workers, broker)).await {
        Ok(published) => {
            journal.log("main", format_args!("has {} orders", published.len()));
            published
        }
        Err(_) => {
            journal.log("test", "gave up: publish_all did not return, and no task could make progress");
            Vec::new()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_worker_publishes_what_it_is_dealt() {
    let journal = Journal::new();
    let returned = published(&[1310, 2210, 450, 700, 400, 3100, 90], 3, &journal).await;
    assert_journal!(
        journal,
        [
            (450, "worker 3", "published order 3"),
            (1310, "worker 1", "published order 1"),
            (2010, "worker 1", "published order 4"),
            (2100, "worker 1", "published order 7"),
            (2210, "worker 2", "published order 2"),
            (2610, "worker 2", "published order 5"),
            (3550, "worker 3", "published order 6"),
            (3550, "main", "has 7 orders"),
        ]
    );
    let in_order = [3, 1, 4, 7, 2, 5, 6].map(|number| format!("order {number}"));
    assert_eq!(
        returned, in_order,
        "every order must be returned once, in the order in which they were published"
    );
}

#[tokio::test(start_paused = true)]
async fn more_workers_than_orders() {
    let journal = Journal::new();
    let returned = published(&[730, 210], 5, &journal).await;
    assert_journal!(
        journal,
        [
            (210, "worker 2", "published order 2"),
            (730, "worker 1", "published order 1"),
            (730, "main", "has 2 orders"),
        ]
    );
    assert_eq!(returned, ["order 2", "order 1"], "every order must be returned once");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_orders_do_not_stop_the_three_workers() {
    let start = Instant::now();
    let returned = published(&[2000; 200], 3, &Journal::new()).await;
    let (seconds, count) = (start.elapsed().as_secs(), returned.len());
    assert!(
        seconds == 134 && count == 200,
        "200 orders by 3 workers take 67 rounds of 2 s.\n\
         expected: 200 orders returned after 134 s\n\
         actual:   {count} orders returned after {seconds} s\n\
         (3600 s means that no task could make progress. If the other tests pass: the task that deals the orders waits for a \
         slot in a queue, the workers wait for a slot among the results, and nothing collects them)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_stuck_stops_the_dealing() {
    let journal = Journal::new();
    let mut takes_ms = [2000; 40];
    takes_ms[1] = 600_000; // order 2, which is dealt to worker 2
    let returned = published(&takes_ms, 3, &journal).await;
    let count = returned.len();
    assert!(count == 40, "{count} of 40 orders were returned: the others are lost");
    let meanwhile = journal.entries().iter().filter(|entry| entry.at_ms < 600_000).count();
    assert!(
        meanwhile <= 9,
        "order 2 keeps worker 2 busy for 10 minutes, so orders 5, 8 and 11 fill the three slots of its channel, and order 14 \
         waits to be dealt. That leaves 9 orders for the other workers, and they published {meanwhile}: a channel has more \
         than three slots, or dealing does not wait for the worker whose turn it is"
    );
}
