//! Clients of the stock: two shops that sell the same lamps, and one that gives up before its answer arrives.

use std::time::Duration;

use shared::Journal;
use tokio::time::{sleep, timeout};

use crate::stock::Stock;

/// How long a customer stands at the till.
pub const TILL_TAKES: Duration = Duration::from_millis(50);
/// How much later than the first the second shop starts.
pub const SECOND_SHOP_AFTER: Duration = Duration::from_millis(30);

/// Two shops sell one lamp each, of five. Returns how many are left.
pub async fn two_shops(journal: Journal) -> u32 {
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

// ANCHOR: sell
async fn sell(shop: &'static str, after: Duration, stock: Stock, journal: Journal) {
    sleep(after).await;
    sleep(TILL_TAKES).await;
    match stock.take("lamp").await.expect("the stock outlives the shops") {
        Some(left) => journal.log(shop, format_args!("sells one; {left} left")),
        None => journal.log(shop, "finds none left"),
    }
}
// ANCHOR_END: sell

/// One shop asks and gives up after 10 ms. Another asks 5 ms after the first, and waits.
pub async fn gives_up(journal: Journal) {
    let stock = five_lamps(journal.clone());
    let impatient = async {
        let answer = timeout(Duration::from_millis(10), stock.get("lamp")).await;
        journal.log("shop 1", if answer.is_ok() { "gets its answer" } else { "gives up" });
    };
    let patient = async {
        sleep(Duration::from_millis(5)).await;
        let lamps = stock.get("lamp").await.expect("the stock outlives the shops");
        journal.log("shop 2", format_args!("sees {lamps} lamps"));
    };
    tokio::join!(impatient, patient);
}

/// A stock of five lamps.
pub(crate) fn five_lamps(journal: Journal) -> Stock {
    Stock::spawn([("lamp", 5)].into(), journal)
}

pub(crate) async fn count(stock: Stock, journal: Journal) -> u32 {
    let lamps = stock.get("lamp").await.expect("the stock outlives its users");
    journal.log("main", format_args!("counts {lamps} lamps; expected 5 - 2 = 3"));
    lamps
}
