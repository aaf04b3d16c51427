//! Workers that are members of a group. Each has its own speed, and takes the next order when it is free.

use std::time::Duration;

use shared::Journal;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::group::{Member, group};

/// How many orders fit into a queue.
pub const SLOTS: usize = 8;

/// An order of the shop, in whole dollars to keep the numbers short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub number: u32,
    pub dollars: u32,
}

/// A worker: what it does with an order, and how long that takes.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    pub name: &'static str,
    pub has: &'static str,
    pub takes: Duration,
}

/// They charge the customers' cards. The second one has a slow connection to the bank.
pub const WORKERS: [Worker; 3] = [
    Worker::new("worker 1", "charged", 100),
    Worker::new("worker 2", "charged", 350),
    Worker::new("worker 3", "charged", 130),
];

impl Worker {
    pub const fn new(name: &'static str, has: &'static str, takes_ms: u64) -> Self {
        Self { name, has, takes: Duration::from_millis(takes_ms) }
    }

    pub async fn handle(self, order: Order, journal: &Journal) {
        sleep(self.takes).await;
        journal.log(self.name, format_args!("has {} order {}", self.has, order.number));
    }
}

/// Each order is charged once. Returns the number of charges.
// ANCHOR: pull
pub async fn pull(orders: Vec<Order>, workers: &[Worker], journal: Journal) -> usize {
    let (group, member) = group(SLOTS);
    let mut working = JoinSet::new();
    for &worker in workers {
        working.spawn(work(worker, member.clone(), journal.clone()));
    }
    drop(member);
    for order in orders {
        group.publish(order).await.expect("no worker leaves before the end");
    }
    drop(group);
    working.join_all().await.into_iter().sum()
}

pub(crate) async fn work(worker: Worker, member: Member<Order>, journal: Journal) -> usize {
    let mut handled = 0;
    while let Some(order) = member.next().await {
        worker.handle(order, &journal).await; // no lock is held here
        handled += 1;
    }
    handled
}
// ANCHOR_END: pull

/// Orders 1 to `count`.
pub fn orders(count: u32) -> Vec<Order> {
    (1..=count).map(|number| Order { number, dollars: 40 }).collect()
}
