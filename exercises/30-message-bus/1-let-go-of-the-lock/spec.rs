//! The tests of exercise 30.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::sut::Bus;

const ORDERS: &str = "orders";
const PAYMENTS: &str = "payments";

/// Takes as long for each order as this says, in the order of arrival.
async fn receive(who: &'static str, mut orders: mpsc::Receiver<u32>, takes_ms: Vec<u64>, journal: Journal) {
    for takes_ms in takes_ms {
        let Some(order) = orders.recv().await else { return };
        journal.log(who, format_args!("gets {order}"));
        sleep(Duration::from_millis(takes_ms)).await;
    }
}

/// Publishes after a pause, and logs when the bus lets it go on.
async fn publish(
    who: &'static str,
    bus: Bus,
    topic: &'static str,
    pauses: Vec<(u64, u32)>,
    journal: Journal,
) {
    for (pause_ms, order) in pauses {
        sleep(Duration::from_millis(pause_ms)).await;
        let have_it = bus.publish(topic, order).await;
        journal.log(who, format_args!("{order} is with {have_it}"));
    }
}

/// The next order, if one comes within an hour.
async fn next(orders: &mut mpsc::Receiver<u32>) -> Option<u32> {
    timeout(HOUR, orders.recv()).await.ok().flatten()
}

/// Waits for all tasks, or says that they hang.
async fn ended(mut tasks: JoinSet<()>, journal: &Journal) {
    let all = async {
        while let Some(ended) = tasks.join_next().await {
            ended.expect("a task panicked: see the message above");
        }
    };
    if timeout(HOUR, all).await.is_err() {
        journal.log("test", "gave up after an hour: no task can make progress");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_publisher_of_that_topic_waits_for_a_slow_subscriber() {
    let (journal, bus, mut tasks) = (Journal::new(), Bus::default(), JoinSet::new());
    let slow = bus.subscribe(ORDERS, 1).await;
    tasks.spawn(receive("slow", slow, vec![233, 5, 5], journal.clone()));
    let ledger = bus.subscribe(PAYMENTS, 1).await;
    tasks.spawn(receive("ledger", ledger, vec![0, 0], journal.clone()));
    tasks.spawn(publish("shop", bus.clone(), ORDERS, vec![(0, 7), (13, 3), (18, 9)], journal.clone()));
    tasks.spawn(publish("till", bus.clone(), PAYMENTS, vec![(38, 4), (19, 2)], journal.clone()));
    tasks.spawn({
        let (bus, journal) = (bus.clone(), journal.clone());
        async move {
            sleep(Duration::from_millis(45)).await;
            drop(bus.subscribe(PAYMENTS, 1).await);
            journal.log("audit", "has its subscription");
        }
    });
    drop(bus);
    ended(tasks, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "slow", "gets 7"),
            (0, "shop", "7 is with 1"),
            (13, "shop", "3 is with 1"),
            (38, "ledger", "gets 4"),
            (38, "till", "4 is with 1"),
            (45, "audit", "has its subscription"),
            (57, "ledger", "gets 2"),
            (57, "till", "2 is with 1"),
            (233, "slow", "gets 3"),
            (233, "shop", "9 is with 1"),
            (238, "slow", "gets 9"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn no_subscriber_waits_for_another_one() {
    let (journal, bus, mut tasks) = (Journal::new(), Bus::default(), JoinSet::new());
    let receivers = [("slow 1", vec![233, 5, 5]), ("slow 2", vec![171, 6, 5]), ("fast", vec![20, 3, 5])];
    for (who, takes_ms) in receivers {
        let orders = bus.subscribe(ORDERS, 1).await;
        tasks.spawn(receive(who, orders, takes_ms, journal.clone()));
    }
    tasks.spawn(publish("shop", bus.clone(), ORDERS, vec![(0, 7), (13, 3), (18, 9)], journal.clone()));
    drop(bus);
    ended(tasks, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "slow 1", "gets 7"),
            (0, "slow 2", "gets 7"),
            (0, "fast", "gets 7"),
            (0, "shop", "7 is with 3"),
            (13, "shop", "3 is with 3"),
            (20, "fast", "gets 3"),
            (31, "fast", "gets 9"),
            (171, "slow 2", "gets 3"),
            (177, "slow 2", "gets 9"),
            (233, "slow 1", "gets 3"),
            (233, "shop", "9 is with 3"),
            (238, "slow 1", "gets 9"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_subscriber_may_subscribe_to_more_before_it_takes_the_next_order() {
    let bus = Bus::default();
    let mut orders = bus.subscribe(ORDERS, 1).await;
    assert_eq!(bus.publish(ORDERS, 5).await, 1);
    let publishing = tokio::spawn({
        let bus = bus.clone();
        async move { bus.publish(ORDERS, 8).await }
    });
    sleep(Duration::from_millis(7)).await; // it waits for a slot in `orders`
    let more = timeout(HOUR, bus.subscribe(PAYMENTS, 1)).await;
    let mut payments = more.expect("subscribe waits for a publish, which waits for the task that subscribes");
    assert_eq!(bus.publish(PAYMENTS, 1).await, 1);
    assert_eq!((next(&mut orders).await, next(&mut payments).await), (Some(5), Some(1)));
    let have_it =
        timeout(HOUR, publishing).await.expect("publish does not return").expect("publish panicked");
    assert_eq!((have_it, next(&mut orders).await), (1, Some(8)), "order 8 waits for a slot, and arrives");
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_goes_while_a_publish_waits_for_it_does_not_count() {
    let bus = Bus::default();
    let (mut stays, goes) = (bus.subscribe(ORDERS, 2).await, bus.subscribe(ORDERS, 1).await);
    assert_eq!(bus.publish(ORDERS, 6).await, 2);
    tokio::spawn(async move {
        sleep(Duration::from_millis(90)).await;
        drop(goes);
    });
    let have_it = timeout(HOUR, bus.publish(ORDERS, 2)).await;
    assert_eq!(have_it, Ok(1), "one of the two subscribers has order 2, the other is gone");
    assert_eq!((next(&mut stays).await, next(&mut stays).await), (Some(6), Some(2)));
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_slot_is_woken_and_does_not_ask_again_and_again() {
    let bus = Bus::default();
    let mut orders = bus.subscribe(ORDERS, 1).await;
    bus.publish(ORDERS, 1).await;
    tokio::spawn({
        let bus = bus.clone();
        async move { bus.publish(ORDERS, 2).await }
    });
    sleep(Duration::from_secs(100)).await;
    // How often the thread had nothing to do and slept.
    let slept = Handle::current().metrics().worker_park_count(0);
    assert!(
        slept < 50,
        "while a publish waited for a slot, the thread woke up {slept} times: it must not poll"
    );
    assert_eq!((next(&mut orders).await, next(&mut orders).await), (Some(1), Some(2)));
}
