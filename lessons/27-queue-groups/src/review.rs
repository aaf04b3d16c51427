//! Two groups with filters: orders of more than $1000 must be reviewed, and the others are charged.

use shared::Journal;
use tokio::task::JoinSet;

use crate::topic::Topic;
use crate::workers::{Order, SLOTS, Worker, work};

/// Charges what need not be reviewed.
pub const CASHIER: Worker = Worker::new("cashier", "charged", 100);
/// Review what costs more than $1000.
pub const REVIEWERS: [Worker; 2] =
    [Worker::new("reviewer 1", "reviewed", 250), Worker::new("reviewer 2", "reviewed", 270)];

/// Each order is charged or reviewed. Returns how many were handled.
pub async fn filtered_by_group(journal: Journal) -> usize {
    // ANCHOR: filtered
    let mut topic = Topic::default();
    let review = topic.open(SLOTS, |order| order.dollars > 1000);
    let billing = topic.open(SLOTS, |order| order.dollars <= 1000);
    // ANCHOR_END: filtered
    let mut working = JoinSet::new();
    for reviewer in REVIEWERS {
        working.spawn(work(reviewer, review.clone(), journal.clone()));
    }
    working.spawn(work(CASHIER, billing, journal.clone()));
    for order in five_orders(&journal) {
        topic.publish(order).await;
    }
    drop(topic);
    working.join_all().await.into_iter().sum()
}

/// Five orders, of which two must be reviewed.
pub(crate) fn five_orders(journal: &Journal) -> Vec<Order> {
    let order = |(number, dollars)| {
        journal.log("shop", format_args!("order {number} of ${dollars}"));
        Order { number, dollars }
    };
    (1..).zip([40, 1800, 25, 2600, 90]).map(order).collect()
}
