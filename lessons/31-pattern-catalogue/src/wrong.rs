//! Three tools that work as documented, each in the wrong place. Nothing fails, and nothing is complete.

use shared::Journal;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::checkout::write_receipt;
use crate::work::{ask, ms};

/// Loses an order, both prices, and all receipts.
// ANCHOR: checkout
pub async fn checkout(journal: Journal) {
    let (tx, mut orders) = watch::channel(0);
    let shop = async move {
        for order in [7, 8, 9] {
            tx.send(order).expect("the checkout outlives the shop");
            sleep(ms(10)).await;
        }
    };
    let checkout = async {
        while orders.changed().await.is_ok() {
            let order = *orders.borrow_and_update();
            journal.log("checkout", format_args!("takes order {order}"));
            tokio::select! {
                biased;
                _ = ask("stock", 40, 5, &journal) => {}
                _ = ask("price", 70, 1250, &journal) => {}
            }
            tokio::spawn(write_receipt(order, journal.clone()));
        }
    };
    tokio::join!(shop, checkout);
    journal.log("checkout", "returns, and the program ends");
}
// ANCHOR_END: checkout
