//! All of it at work: two publishers, five subscribers, from the first subscription to the statistics.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Bus, Subscription, bus};
use crate::message::Message;
use crate::table::Statistics;
use crate::wanted::{Filter, Wanted};

/// What the shop and the till publish: after which pause, on which topic, which order, how many cents.
type Day = &'static [(u64, &'static str, u32, u32)];
const SHOP: Day = &[
    (0, "orders.created", 1, 2_000),
    (30, "orders.created", 2, 25_000),
    (25, "orders.cancelled", 1, 2_000),
    (25, "orders.created", 3, 4_000),
];
const TILL: Day = &[(15, "payments.created", 1, 2_000), (50, "payments.created", 2, 25_000)];

/// Runs the shop for a day. Returns the statistics of the bus.
pub async fn shop(journal: Journal) -> Statistics {
    // ANCHOR: start
    let (bus, actor) = bus(8);
    let running = tokio::spawn(actor.run());
    // ANCHOR_END: start
    let subscribe = async |wanted: Wanted| bus.subscribe(wanted).await.expect("the bus runs");
    let new = subscribe(wanted("*.created")).await;
    let large = subscribe(wanted("orders.>").filter(Filter::CentsAbove(10_000))).await;
    let packer = wanted("orders.created").group("packing");
    let (first, second) = (subscribe(packer.clone()).await, subscribe(packer).await);
    let audit = subscribe(wanted(">")).await;
    let subscribers = [
        tokio::spawn(receive("dashboard", new, Duration::ZERO, journal.clone())),
        tokio::spawn(receive("review", large, Duration::ZERO, journal.clone())),
        tokio::spawn(receive("packer 1", first, Duration::from_millis(50), journal.clone())),
        tokio::spawn(receive("packer 2", second, Duration::from_millis(70), journal.clone())),
        tokio::spawn(receive_until("audit", audit, Duration::from_millis(60), journal.clone())),
    ];
    tokio::join!(publish(SHOP, &bus), publish(TILL, &bus));
    // ANCHOR: end
    bus.shutdown().await.expect("the bus runs");
    let statistics = running.await.expect("the bus does not panic");
    for subscriber in subscribers {
        subscriber.await.expect("a subscriber does not panic");
    }
    // ANCHOR_END: end
    journal
        .log("bus", format_args!("{} published, {} delivered", statistics.published, statistics.delivered));
    statistics
}

async fn publish(day: Day, bus: &Bus) {
    for &(pause_ms, topic, order, cents) in day {
        sleep(Duration::from_millis(pause_ms)).await;
        let message = Message { cents, ..Message::new(topic, order) };
        let queued = bus.publish(message).await.expect("the bus runs");
        queued.receipt().await.expect("the bus runs");
    }
}

// ANCHOR: receive
async fn receive(who: &'static str, mut subscription: Subscription, takes: Duration, journal: Journal) {
    while let Some(delivery) = subscription.recv().await {
        journal.log(who, format_args!("{} {}", delivery.message.topic, delivery.message.order));
        sleep(takes).await;
    }
    journal.log(who, "ends");
}
// ANCHOR_END: receive

async fn receive_until(who: &'static str, mut subscription: Subscription, end: Duration, journal: Journal) {
    let unsubscribed = sleep(end);
    tokio::pin!(unsubscribed);
    loop {
        // `recv` takes nothing that it does not return, and the sleep is not created again.
        tokio::select! {
            delivery = subscription.recv() => match delivery {
                Some(delivery) => journal.log(who, format_args!("{} {}", delivery.message.topic, delivery.message.order)),
                None => break,
            },
            () = &mut unsubscribed => break,
        }
    }
    subscription.unsubscribe().await.expect("the bus runs");
    journal.log(who, "unsubscribes");
    receive(who, subscription, Duration::ZERO, journal).await;
}

fn wanted(pattern: &str) -> Wanted {
    Wanted::to(pattern).expect("a pattern")
}
