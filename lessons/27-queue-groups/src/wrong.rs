//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: it repeats work, is slow, loses, or mixes up an order.

use std::sync::{Arc, Mutex};

use shared::Journal;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

use crate::group::{Member, group};
use crate::keys::{Change, WRITERS, Warehouse, report, write};
use crate::review::{CASHIER, REVIEWERS, five_orders};
use crate::topic::Filter;
use crate::workers::{Order, SLOTS, Worker};

/// Repeats work: every worker charges every order. Returns the number of charges.
// ANCHOR: broadcast
pub async fn every_worker(orders: Vec<Order>, workers: &[Worker], journal: Journal) -> usize {
    let (topic, _) = broadcast::channel(SLOTS);
    let mut working = JoinSet::new();
    for &worker in workers {
        working.spawn(receives(worker, topic.subscribe(), journal.clone()));
    }
    for order in orders {
        topic.send(order).expect("there are workers");
    }
    drop(topic);
    working.join_all().await.into_iter().sum()
}

async fn receives(worker: Worker, mut orders: broadcast::Receiver<Order>, journal: Journal) -> usize {
    let mut handled = 0;
    // It never lags, because there are no more orders than slots.
    while let Ok(order) = orders.recv().await {
        worker.handle(order, &journal).await;
        handled += 1;
    }
    handled
}
// ANCHOR_END: broadcast

/// Slow: the orders are dealt before it is known who will be free. Returns the number of charges.
// ANCHOR: deal
pub async fn deal(orders: Vec<Order>, workers: &[Worker], slots: usize, journal: Journal) -> usize {
    let (mut queues, mut working) = (Vec::new(), JoinSet::new());
    for &worker in workers {
        let (queue, orders) = mpsc::channel(slots);
        queues.push(queue);
        working.spawn(work_alone(worker, orders, journal.clone()));
    }
    for (order, queue) in orders.into_iter().zip(queues.iter().cycle()) {
        queue.send(order).await.expect("no worker leaves before the end");
    }
    drop(queues);
    working.join_all().await.into_iter().sum()
}
// ANCHOR_END: deal

async fn work_alone(worker: Worker, mut orders: mpsc::Receiver<Order>, journal: Journal) -> usize {
    let mut handled = 0;
    while let Some(order) = orders.recv().await {
        worker.handle(order, &journal).await;
        handled += 1;
    }
    handled
}

/// Loses orders: each member of one group has a filter, and asks it when it has taken an order. Returns how many were handled.
pub async fn filtered_by_member(journal: Journal) -> usize {
    let (group, member) = group(SLOTS);
    let mut working = JoinSet::new();
    working.spawn(takes_then_asks(
        REVIEWERS[0],
        |order| order.dollars > 1000,
        member.clone(),
        journal.clone(),
    ));
    working.spawn(takes_then_asks(CASHIER, |order| order.dollars <= 1000, member, journal.clone()));
    for order in five_orders(&journal) {
        group.publish(order).await.expect("no worker leaves before the end");
    }
    drop(group);
    working.join_all().await.into_iter().sum()
}

// ANCHOR: filter
async fn takes_then_asks(worker: Worker, wants: Filter, member: Member<Order>, journal: Journal) -> usize {
    let mut handled = 0;
    while let Some(order) = member.next().await {
        if !wants(&order) {
            journal.log(worker.name, format_args!("ignores order {}", order.number));
            continue; // and nobody else gets it
        }
        worker.handle(order, &journal).await;
        handled += 1;
    }
    handled
}
// ANCHOR_END: filter

/// Mixes up an order: two changes of it are written at the same time, and the slower one is last.
pub async fn any_member(changes: Vec<Change>, journal: Journal) -> Warehouse {
    let (group, member) = group(SLOTS);
    let warehouse = Arc::default();
    let mut writing = JoinSet::new();
    for number in 1..=WRITERS {
        writing.spawn(writer(number, member.clone(), Arc::clone(&warehouse), journal.clone()));
    }
    for change in changes {
        group.publish(change).await.expect("no writer leaves before the end");
    }
    drop(group);
    writing.join_all().await;
    report(&warehouse, &journal)
}

// ANCHOR: any-member
async fn writer(number: usize, member: Member<Change>, warehouse: Arc<Mutex<Warehouse>>, journal: Journal) {
    while let Some(change) = member.next().await {
        write(number, change, &warehouse, &journal).await;
    }
}
// ANCHOR_END: any-member
