//! A topic: each group that wants an order gets it once. A subscriber is a group with one member.

use futures::future::join_all;
use shared::Journal;
use tokio::task::JoinSet;

use crate::group::{Group, Member, group};
use crate::workers::{Order, SLOTS, WORKERS, Worker, work};

/// What an order must be like, for a group to get it.
pub type Filter = fn(&Order) -> bool;

// ANCHOR: topic
/// The groups that receive from a topic. They end when it is dropped.
#[derive(Debug, Default)]
pub struct Topic {
    groups: Vec<(Filter, Group<Order>)>,
}

impl Topic {
    /// Opens a group, and returns its first member. A clone joins the group; a subscriber is a member that is not cloned.
    pub fn open(&mut self, slots: usize, wants: Filter) -> Member<Order> {
        let (group, member) = group(slots);
        self.groups.push((wants, group));
        member
    }

    /// Returns how many groups have it in their queue. Waits for a free slot in each, and none waits for another.
    pub async fn publish(&self, order: Order) -> usize {
        let wanting = self.groups.iter().filter(|(wants, _)| wants(&order));
        let published = join_all(wanting.map(|(_, group)| group.publish(order))).await;
        published.iter().filter(|result| result.is_ok()).count()
    }
}
// ANCHOR_END: topic

/// Sends a confirmation of each order.
const MAILER: Worker = Worker::new("mailer", "confirmed", 60);
/// Counts the orders.
const STATISTICS: Worker = Worker::new("statistics", "counted", 5);

/// Two subscribers get each order, and two workers share the orders. Returns how many were handled.
// ANCHOR: shop
pub async fn shop(orders: Vec<Order>, journal: Journal) -> usize {
    let mut topic = Topic::default();
    let mut working = JoinSet::new();
    working.spawn(work(MAILER, topic.open(SLOTS, any), journal.clone()));
    working.spawn(work(STATISTICS, topic.open(SLOTS, any), journal.clone()));
    let billing = topic.open(SLOTS, any);
    for worker in [WORKERS[0], WORKERS[2]] {
        working.spawn(work(worker, billing.clone(), journal.clone()));
    }
    for order in orders {
        topic.publish(order).await;
    }
    drop(topic);
    working.join_all().await.into_iter().sum()
}
// ANCHOR_END: shop

/// Wants every order.
pub fn any(_: &Order) -> bool {
    true
}
