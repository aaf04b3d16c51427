//! How long a publisher stands beside a free place. The clock is paused: every time is exact.

use capstone_bus::{Bus, Overflow, Subscription};
use futures::poll;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, advance, sleep};

use crate::support::{block, counts, drain, fill, message, ms, open};

/// What a free place may cost whoever waits for one.
const SOON: Duration = Duration::from_millis(5);

/// Fills a mailbox of this capacity.
#[track_caller]
fn full(bus: &Bus, capacity: usize) -> Subscription {
    let subscription = open(bus, capacity, block(3_600_000));
    for number in 0..capacity {
        let _ = bus.try_publish(message("t", &number.to_string())).expect("the bus is open");
    }
    subscription
}

async fn publish(bus: &Bus) -> Duration {
    let begin = Instant::now();
    let receipt = bus.publish(message("t", "m")).await.expect("the bus is open");
    assert_eq!(counts(receipt), (1, 1, 0));
    begin.elapsed()
}

#[tokio::test(start_paused = true)]
async fn one_place_is_enough_however_large_the_mailbox() {
    for capacity in [1, 7, 8, 64, 1_024, 100_000] {
        let bus = Bus::new();
        let mut subscription = full(&bus, capacity);
        let consumer = async {
            sleep(ms(50)).await;
            subscription.recv().await.expect("a message");
            subscription
        };
        let (waited, _subscription) = tokio::join!(publish(&bus), consumer);
        assert!(waited >= ms(50) && waited <= ms(50) + SOON, "capacity {capacity}: {waited:?}");
    }
}

/// A consumer that takes one message every 20 ms has a place every 20 ms.
#[tokio::test(start_paused = true)]
async fn a_slow_consumer_lets_in_as_many_as_it_takes() {
    for capacity in [16, 1_024] {
        let bus = Bus::new();
        let mut subscription = full(&bus, capacity);
        let consumer = tokio::spawn(async move {
            loop {
                sleep(ms(20)).await;
                subscription.recv().await.expect("a message");
            }
        });
        for _ in 0..100 {
            let waited = publish(&bus).await;
            assert!(waited <= ms(20) + SOON, "capacity {capacity}: {waited:?}");
        }
        consumer.abort();
    }
}

/// Publisher and consumer wait for each other at every message.
#[tokio::test(start_paused = true)]
async fn a_consumer_that_grants_each_message_is_no_deadlock() {
    let bus = Bus::new();
    let mut subscription = full(&bus, 1_024);
    let (grant, mut granted) = mpsc::channel::<()>(1);
    tokio::spawn(async move { while subscription.recv().await.is_some() && grant.send(()).await.is_ok() {} });
    let begin = Instant::now();
    for _ in 0..10 {
        publish(&bus).await;
        granted.recv().await.expect("the consumer goes on");
    }
    assert!(begin.elapsed() <= 10 * SOON, "{:?}", begin.elapsed());
}

/// However many wait, whoever is first finds the place; and who gives up in between leaves it to the next.
#[tokio::test(start_paused = true)]
async fn a_long_line_is_let_in_one_by_one_in_its_order() {
    let bus = Bus::new();
    let mut subscription = full(&bus, 64);
    let publishers: Vec<_> = (0..600)
        .map(|number| {
            let bus = bus.clone();
            tokio::spawn(async move {
                let publish = bus.publish(message("t", &format!("w{number}")));
                // Half of them go before they are let in.
                match number % 2 {
                    0 => publish.await.is_ok(),
                    _ => tokio::time::timeout(ms(100), publish).await.is_ok(),
                }
            })
        })
        .collect();
    sleep(ms(200)).await;
    // Taken from the front, a few at a time: each time as many come in.
    for taken in [1, 1, 2, 5, 1] {
        for _ in 0..taken {
            subscription.recv().await.expect("a message");
        }
        sleep(SOON).await;
        assert_eq!(bus.stats().subscriptions[0].depth, 64);
    }
    while bus.stats().subscriptions[0].waiting > 0 {
        subscription.recv().await.expect("a message");
    }
    for (number, publisher) in publishers.into_iter().enumerate() {
        assert_eq!(publisher.await.expect("no panic"), number % 2 == 0);
    }
    let heard = drain(&mut subscription);
    let last: Vec<_> = heard.iter().map(|told| told.split('w').nth(1).expect("a waiter")).collect();
    assert_eq!(last.last(), Some(&"598"));
    assert!(last.is_sorted_by_key(|number| number.parse::<usize>().expect("a number")));
    assert_eq!(subscription.dropped(), 300);
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_that_waits_as_many_come_in_as_there_are_places() {
    let bus = Bus::new();
    let mut subscription = full(&bus, 1_024);
    let batch = bus.publish_batch((0..100).map(|_| message("t", "m")));
    let consumer = async {
        for taken in 1..=100 {
            subscription.recv().await.expect("a message");
            sleep(SOON).await;
            assert_eq!(bus.stats().subscriptions[0].waiting, 100 - taken);
        }
    };
    let (receipt, ()) = tokio::join!(batch, consumer);
    assert_eq!(counts(receipt.expect("the bus is open")), (100, 100, 0));
}

#[tokio::test(start_paused = true)]
async fn a_publisher_that_is_polled_no_more_keeps_nobody_behind_it_out() {
    let bus = Bus::new();
    let mut subscription = full(&bus, 64);
    let mut forgotten = tokio_test::task::spawn(bus.publish(message("t", "forgotten")));
    tokio_test::assert_pending!(forgotten.poll());
    let consumer = async {
        for _ in 0..2 {
            subscription.recv().await.expect("a message");
        }
    };
    let (waited, ()) = tokio::join!(publish(&bus), consumer);
    assert!(waited <= 2 * SOON, "{waited:?}");
    fill(&bus, ["no room"]);
    assert_eq!(bus.stats().subscriptions[0].depth, 64);
}

#[tokio::test(start_paused = true)]
async fn without_an_end_a_publisher_waits_for_days_and_the_mailbox_is_not_stalled() {
    const DAY: Duration = Duration::from_secs(24 * 3_600);
    for capacity in [1, 64] {
        let bus = Bus::new();
        let mut subscription = open(&bus, capacity, Overflow::Block { timeout: Duration::MAX });
        (0..capacity).for_each(|_| fill(&bus, ["m"]));
        for _ in 0..2 {
            let mut publish = Box::pin(bus.publish(message("t", "m")));
            assert!(poll!(&mut publish).is_pending());
            advance(DAY).await;
            assert!(poll!(&mut publish).is_pending(), "capacity {capacity}");
            subscription.try_recv().expect("it is full");
            assert_eq!(counts(publish.await.expect("the bus is open")), (1, 1, 0));
        }
        assert_eq!(subscription.dropped(), 0);

        let mut publish = Box::pin(bus.publish(message("t", "m")));
        assert!(poll!(&mut publish).is_pending());
        bus.close();
        advance(DAY).await;
        assert!(poll!(&mut publish).is_pending(), "the place may still come");
        drop(subscription);
        assert_eq!(counts(publish.await.expect("it was accepted")), (1, 0, 1));
    }
}
