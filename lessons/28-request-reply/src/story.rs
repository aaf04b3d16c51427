//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s in all.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::time::sleep;

use crate::bus::{Bus, Message, Subscription};
use crate::client::Client;
use crate::prices::{self, PATIENCE, PRICES};
use crate::{dead_letter, filter, offers, server, wrong};

/// How long a till waits when it does not know that nobody will answer.
pub const LONG: Duration = Duration::from_secs(1);
/// Where orders are published.
pub const ORDERS: &str = "orders.placed";

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 28: request and reply")
        .scene("shared-inbox", "Wrong: one inbox, and answers without ids", |journal| {
            wrong::shared_inbox(prices::start(&journal), journal)
        })
        .scene("own-inbox", "Right: an inbox for each request", |journal| {
            prices::till(prices::start(&journal), journal)
        })
        .scene("waits-for-nobody", "Wrong: a request that nobody has taken", |journal| {
            prices::one_request(Bus::default(), journal, async |bus: &Bus| {
                wrong::waits_for_nobody(bus, PRICES, "lamp", LONG).await
            })
        })
        .scene("no-responders", "Right: the caller is told at once", |journal| {
            prices::one_request(Bus::default(), journal, async |bus: &Bus| {
                bus.request(PRICES, "lamp", LONG).await
            })
        })
        .scene("left-behind", "Wrong: a dropped request leaves its inbox behind", |journal| {
            prices::customers_leave(prices::start(&journal), journal, async |bus: &Bus| {
                wrong::left_behind(bus, PRICES, "lamp", PATIENCE).await
            })
        })
        .scene("cleaned-up", "Right: the inbox is dropped with the request", |journal| {
            prices::customers_leave(prices::start(&journal), journal, async |bus: &Bus| {
                bus.request(PRICES, "lamp", PATIENCE).await
            })
        })
        .scene("first-offer", "Several responders: the first answer", first_offer)
        .scene("lowest-offer", "Several responders: all answers that arrive in time", |journal| {
            offers::lowest(offers::start(&offers::SUPPLIERS, &journal), journal)
        })
        .scene("retries-forever", "Wrong: an order that can never be shipped is tried forever", jam)
        .scene("dead-letter", "Right: an order that fails for good becomes a dead letter", dead_letters)
        .scene("filter", "Publish/subscribe, and a subscriber with a filter", filter::payments)
        .scene("one-connection", "Two requests at once over one connection", one_connection)
        .for_real("The same over TCP, on this machine", server::over_tcp)
}

async fn first_offer(journal: Journal) {
    let bus = offers::start(&offers::SUPPLIERS, &journal);
    offers::first(bus.clone(), journal.clone()).await;
    sleep(Duration::from_millis(130)).await;
    journal.log("main", format_args!("late replies: {}", bus.late_replies()));
}

/// Publishes orders 7, 8 and 9, which wait in the subscription.
pub fn three_orders(bus: &Bus) -> Subscription {
    let orders = bus.subscribe(ORDERS);
    for order in ["order 7", "order 8", "order 9"] {
        bus.publish(Message::new(ORDERS, order));
    }
    orders
}

async fn jam(journal: Journal) {
    let orders = three_orders(&Bus::default());
    tokio::select! {
        () = wrong::retries_forever(orders, journal.clone()) => {}
        () = sleep(Duration::from_millis(550)) => {
            journal.log("story", "stops watching; orders 8 and 9 are still waiting");
        }
    }
}

async fn dead_letters(journal: Journal) {
    let bus = Bus::default();
    let (orders, letters) = (three_orders(&bus), bus.subscribe("$DLQ.orders.placed"));
    tokio::select! {
        () = dead_letter::worker(bus, orders, journal.clone()) => {}
        () = dead_letter::operator(letters, journal) => {}
        () = sleep(Duration::from_millis(550)) => {}
    }
}

async fn one_connection(journal: Journal) {
    let (near, far) = tokio::io::duplex(64);
    tokio::spawn(server::serve(far));
    server::two_at_once(&Client::connect(near, journal.clone()), &journal).await;
}
