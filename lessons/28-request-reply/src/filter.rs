//! Publish/subscribe with a filter: each subscriber gets its own copy of what it wants.

use shared::Journal;

use crate::bus::{Bus, Message, Subscription};

/// Where payments are published.
pub const PAYMENTS: &str = "payments.received";

/// Billing gets each payment. The review gets those of more than $1000. Four payments are published.
// ANCHOR: filter
pub async fn payments(journal: Journal) {
    let bus = Bus::default();
    let billing = bus.subscribe(PAYMENTS);
    let review = bus.subscribe_where(PAYMENTS, |payment| {
        payment.headers.get("dollars").and_then(|dollars| dollars.parse().ok()).is_some_and(|d: u32| d > 1000)
    });
    for dollars in [300, 1200, 1000, 4500] {
        let payment = Message::new(PAYMENTS, format!("${dollars}")).with("dollars", dollars);
        let taken = bus.publish(payment);
        journal.log("shop", format_args!("publishes ${dollars}, taken by {taken}"));
    }
    tokio::join!(receive("billing", billing, 4, &journal), receive("review", review, 2, &journal));
}
// ANCHOR_END: filter

async fn receive(task: &str, mut payments: Subscription, count: usize, journal: &Journal) {
    for _ in 0..count {
        journal.log(task, format_args!("receives {}", payments.recv().await.payload));
    }
}
