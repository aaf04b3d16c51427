//! Totals that every task may update: a type whose methods lock, change and unlock, and never await.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use shared::Journal;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What has been sold. Clones share the same totals.
// ANCHOR: sales
#[derive(Clone, Debug, Default)]
pub struct Sales {
    /// A std mutex: it is held for a few additions and never across an await.
    totals: Arc<Mutex<Totals>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub orders: u32,
    pub dollars: u32,
}

impl Sales {
    pub fn add(&self, dollars: u32) {
        let mut totals = self.lock();
        totals.orders += 1;
        totals.dollars += dollars;
    } // here the guard is dropped, and the lock released

    pub fn totals(&self) -> Totals {
        *self.lock() // a copy
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().expect("nothing that can panic runs under this lock")
    }
}
// ANCHOR_END: sales

/// Three orders, and nobody has a price for the second: its task panics, and the others are counted.
pub async fn priced_first(journal: Journal) {
    let sales = Sales::default();
    three_orders(journal, |product| {
        let sales = sales.clone();
        // ANCHOR: priced-first
        tokio::spawn(async move {
            let dollars = price(product); // panics before the lock is taken
            sales.add(dollars);
            sales.totals()
        })
        // ANCHOR_END: priced-first
    })
    .await;
}

/// The price in whole dollars.
pub(crate) fn price(product: &str) -> u32 {
    match product {
        "lamp" => 42,
        "chair" => 15,
        _ => panic!("no price for a {product}"),
    }
}

/// Counts three orders, one every 10 ms, each in a task.
pub(crate) async fn three_orders(journal: Journal, count: impl Fn(&'static str) -> JoinHandle<Totals>) {
    for (order, product) in [("order 1", "lamp"), ("order 2", "sofa"), ("order 3", "chair")] {
        sleep(Duration::from_millis(10)).await;
        match count(product).await {
            Ok(Totals { orders, dollars }) => {
                journal.log(order, format_args!("is counted: {orders} in all, for ${dollars}"));
            }
            Err(error) => {
                let panic = error.into_panic();
                let message = panic.downcast_ref::<String>().map_or("", |message| message);
                journal.log(order, format_args!("panics: {message}"));
            }
        }
    }
}
