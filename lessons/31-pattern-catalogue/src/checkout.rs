//! The checkout of the chapter's beginning, with the three tools that fit.

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use crate::work::{ask, ms};

// ANCHOR: checkout
/// Every order is seen, both services are asked for it, and its receipt is written.
pub async fn checkout(journal: Journal) {
    let (tx, mut orders) = mpsc::channel(3);
    let receipts = TaskTracker::new();
    let shop = async move {
        for order in [7, 8, 9] {
            tx.send(order).await.expect("the checkout outlives the shop");
            sleep(ms(10)).await;
        }
    };
    let checkout = async {
        while let Some(order) = orders.recv().await {
            journal.log("checkout", format_args!("takes order {order}"));
            let (stock, price) = (ask("stock", 40, 5, &journal), ask("price", 70, 1250, &journal));
            tokio::join!(stock, price);
            receipts.spawn(write_receipt(order, journal.clone()));
        }
    };
    tokio::join!(shop, checkout);
    receipts.close();
    receipts.wait().await;
    journal.log("checkout", "returns");
}
// ANCHOR_END: checkout

/// Writes a receipt, which takes 50 ms.
pub(crate) async fn write_receipt(order: u32, journal: Journal) {
    sleep(ms(50)).await;
    journal.log("receipts", format_args!("order {order}"));
}
