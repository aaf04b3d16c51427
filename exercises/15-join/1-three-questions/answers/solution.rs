//! Exercise 15.1: three questions that do not need each other's answers.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// What the page of a product shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub stock: u32,
    pub price: String,
    pub rating: u32,
}

/// Asks the three services for a product, and makes a page of their answers.
pub async fn page(product: String, journal: Journal) -> Page {
    //~ begin
    let (stock, price, rating) =
        tokio::join!(stock(&product, &journal), price(&product, &journal), rating(&product, &journal),);
    //~ starter
    //~| // TODO: this takes 600 ms. Ask all three at once, so that it takes 300 ms.
    //~| let stock = stock(&product, &journal).await;
    //~| let price = price(&product, &journal).await;
    //~| let rating = rating(&product, &journal).await;
    //~ end
    Page { stock, price, rating }
}

/// How many there are. Do not change it.
async fn stock(product: &str, journal: &Journal) -> u32 {
    journal.log("stock", format_args!("asked for the {product}"));
    sleep(Duration::from_millis(200)).await;
    journal.log("stock", "answers");
    7
}

/// What it costs. Do not change it.
async fn price(product: &str, journal: &Journal) -> String {
    journal.log("price", format_args!("asked for the {product}"));
    sleep(Duration::from_millis(300)).await;
    journal.log("price", "answers");
    "$12.50".to_owned()
}

/// How many stars it has. Do not change it.
async fn rating(product: &str, journal: &Journal) -> u32 {
    journal.log("rating", format_args!("asked for the {product}"));
    sleep(Duration::from_millis(100)).await;
    journal.log("rating", "answers");
    4
}
