//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: it forgets, loses an update, or hangs.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use crate::accounts::{Payment, account_actor};
use crate::partners::LAMPS;
use crate::shops::{SECOND_SHOP_AFTER, TILL_TAKES, count, five_lamps};
use crate::stock::Stock;

/// Forgets: an actor for each event starts with empty state and ends after its only event. Returns how many there were.
// ANCHOR: per-event
pub async fn per_event(mut payments: mpsc::Receiver<Payment>, journal: Journal) -> usize {
    let actors = TaskTracker::new();
    let mut count = 0;
    while let Some(payment) = payments.recv().await {
        let (account, mailbox) = mpsc::channel(8);
        actors.spawn(account_actor(payment.account, mailbox, journal.clone()));
        count += 1;
        account.send(payment).await.expect("an account outlives its handles");
    }
    actors.close();
    actors.wait().await;
    count
}
// ANCHOR_END: per-event

/// Loses an update: two shops sell one lamp each, of five, and four are left. Returns that count.
pub async fn get_then_set(journal: Journal) -> u32 {
    let stock = five_lamps(journal.clone());
    let shops = [
        tokio::spawn(sell("shop 1", Duration::ZERO, stock.clone(), journal.clone())),
        tokio::spawn(sell("shop 2", SECOND_SHOP_AFTER, stock.clone(), journal.clone())),
    ];
    for shop in shops {
        shop.await.expect("a shop does not panic");
    }
    count(stock, journal).await
}

// ANCHOR: get-then-set
async fn sell(shop: &'static str, after: Duration, stock: Stock, journal: Journal) {
    sleep(after).await;
    let lamps = stock.get("lamp").await.expect("the stock outlives the shops");
    journal.log(shop, format_args!("sees {lamps}"));
    sleep(TILL_TAKES).await;
    stock.set("lamp", lamps - 1).await.expect("the stock outlives the shops");
    journal.log(shop, format_args!("sells one and sets {}", lamps - 1));
}
// ANCHOR_END: get-then-set

/// Hangs: the orders await the warehouse, and the warehouse awaits the orders.
pub async fn call_each_other(journal: Journal) {
    let (orders, orders_mailbox) = mpsc::channel(3);
    let (warehouse, warehouse_mailbox) = mpsc::channel(3);
    tokio::spawn(warehouse_actor(warehouse_mailbox, orders.clone(), journal.clone()));
    tokio::spawn(orders_actor(orders_mailbox, warehouse, journal.clone()));

    let (answer, placed) = oneshot::channel();
    orders.send(ToOrders::Place { answer }).await.expect("the actor has a mailbox");
    journal.log("customer", "places an order");
    let placed = placed.await.expect("the orders answer");
    journal.log("customer", if placed { "gets a lamp" } else { "is told that there is none" });
}

enum ToOrders {
    Place { answer: oneshot::Sender<bool> },
    HowMany { answer: oneshot::Sender<u32> },
}

struct Reserve {
    answer: oneshot::Sender<bool>,
}

// ANCHOR: call-each-other
async fn orders_actor(
    mut mailbox: mpsc::Receiver<ToOrders>,
    warehouse: mpsc::Sender<Reserve>,
    journal: Journal,
) {
    let mut ordered = 0;
    while let Some(request) = mailbox.recv().await {
        match request {
            ToOrders::Place { answer: placed } => {
                let (answer, reserved) = oneshot::channel();
                warehouse.send(Reserve { answer }).await.expect("the warehouse outlives the orders");
                journal.log("orders", "asks for a lamp, and waits");
                let reserved = reserved.await.expect("the warehouse answers"); // takes no request meanwhile
                ordered += u32::from(reserved);
                placed.send(reserved).ok();
            }
            ToOrders::HowMany { answer } => {
                answer.send(ordered).ok();
            }
        }
    }
}

async fn warehouse_actor(
    mut mailbox: mpsc::Receiver<Reserve>,
    orders: mpsc::Sender<ToOrders>,
    journal: Journal,
) {
    while let Some(Reserve { answer: reserved }) = mailbox.recv().await {
        let (answer, ordered) = oneshot::channel();
        orders.send(ToOrders::HowMany { answer }).await.expect("the orders outlive the warehouse");
        journal.log("warehouse", "asks how many are ordered, and waits");
        let ordered = ordered.await.expect("the orders answer");
        reserved.send(ordered < LAMPS).ok();
    }
}
// ANCHOR_END: call-each-other
