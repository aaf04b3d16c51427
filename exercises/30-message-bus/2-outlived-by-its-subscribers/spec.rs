//! The tests of exercise 30.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Bus, Subscription};

async fn after(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

/// Receives until the subscription ends, or for an hour, with a pause before each order.
async fn receive(
    who: &str,
    mut subscription: Subscription,
    pause_ms: u64,
    journal: &Journal,
) -> Subscription {
    loop {
        after(pause_ms).await;
        match timeout(HOUR, subscription.recv()).await {
            Ok(Some(order)) => journal.log(who, format_args!("gets {order}")),
            Ok(None) => {
                journal.log(who, "ends");
                return subscription;
            }
            Err(_) => {
                journal.log(who, "has waited for an hour");
                return subscription;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_bus_ends_with_its_last_publisher() {
    let journal = Journal::new();
    let bus = Bus::spawn(journal.clone());
    let (dashboard, slow) = (bus.subscribe().await, bus.subscribe().await);
    let till = bus.clone();
    let publishing = async {
        bus.publish(7).await;
        drop(bus);
        after(37).await;
        till.publish(3).await; // a second handle
        till.publish(9).await;
        drop(till);
    };
    let receiving = async {
        tokio::join!(
            receive("dashboard", dashboard, 0, &journal),
            receive("slow", slow, 25, &journal) // at the end two orders are still in its mailbox
        )
    };
    let (_, (dashboard, _)) = tokio::join!(publishing, receiving);
    assert_journal!(
        journal,
        [
            (0, "bus", "has order 7 for 2"),
            (0, "dashboard", "gets 7"),
            (25, "slow", "gets 7"),
            (37, "bus", "has order 3 for 2"),
            (37, "bus", "has order 9 for 2"),
            (37, "bus", "ends"),
            (37, "dashboard", "gets 3"),
            (37, "dashboard", "gets 9"),
            (37, "dashboard", "ends"),
            (50, "slow", "gets 3"),
            (75, "slow", "gets 9"),
            (100, "slow", "ends"),
        ]
    );
    let unsubscribed = timeout(HOUR, dashboard.unsubscribe()).await;
    assert_eq!(unsubscribed, Ok(false), "the bus has ended: unsubscribe must say so");
}

#[tokio::test(start_paused = true)]
async fn while_the_bus_runs_unsubscribe_is_carried_out_before_it_returns() {
    let journal = Journal::new();
    let bus = Bus::spawn(journal.clone());
    let (mut stays, mut goes) = (bus.subscribe().await, bus.subscribe().await);
    bus.publish(5).await;
    assert!(
        timeout(HOUR, goes.unsubscribe()).await.expect("unsubscribe hangs"),
        "the bus runs, and yet: false"
    );
    bus.publish(8).await;
    assert_eq!((stays.recv().await, stays.recv().await), (Some(5), Some(8)));
    let got = (timeout(HOUR, goes.recv()).await, timeout(HOUR, goes.recv()).await);
    assert_eq!(got, (Ok(Some(5)), Ok(None)), "what came before is received, and then the subscription ends");
    assert_journal!(journal, [(0, "bus", "has order 5 for 2"), (0, "bus", "has order 8 for 1")]);
}

#[tokio::test(start_paused = true)]
async fn many_that_unsubscribe_at_once_each_wait_for_a_slot() {
    let journal = Journal::new();
    let bus = Bus::spawn(journal.clone());
    let mut subscriptions = Vec::new();
    for _ in 0..30 {
        subscriptions.push(bus.subscribe().await);
    }
    let last = subscriptions.pop();
    let unsubscribing: Vec<_> = subscriptions
        .into_iter()
        .map(|subscription| tokio::spawn(async move { subscription.unsubscribe().await }))
        .collect();
    for task in unsubscribing {
        assert_eq!(timeout(HOUR, task).await.expect("unsubscribe hangs").ok(), Some(true), "the bus runs");
    }
    bus.publish(4).await;
    drop(bus);
    let mut last = last.expect("thirty subscriptions");
    let got = (last.recv().await, timeout(HOUR, last.recv()).await);
    assert_eq!(got, (Some(4), Ok(None)), "order 4, and then the bus should end: no publisher is left");
    assert_journal!(journal, [(0, "bus", "has order 4 for 1"), (0, "bus", "ends")]);
}
