//! An offer needs three answers. One task asks for them concurrently.

use futures::future::try_join_all;
use shared::Journal;

use crate::services::{Refused, Service};

/// What the customer learns about a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub in_stock: u32,
    pub cents: u32,
    pub days: u32,
}

/// Asks all three concurrently, and waits for all three. A refusal counts as 0.
// ANCHOR: join
pub async fn join_three([stock, price, courier]: [Service; 3], product: &str, journal: &Journal) -> Offer {
    let (in_stock, cents, days) = tokio::join!(
        stock.ask(product, journal), // borrows: no clone, no move
        price.ask(product, journal),
        courier.ask(product, journal),
    );
    journal.log("shop", "has all three outcomes");
    Offer { in_stock: in_stock.unwrap_or(0), cents: cents.unwrap_or(0), days: days.unwrap_or(0) }
}
// ANCHOR_END: join

/// Asks all three concurrently. Returns at the first refusal, and drops the other questions.
///
/// # Errors
/// A service refused.
// ANCHOR: try-join
pub async fn try_join_three(
    [stock, price, courier]: [Service; 3],
    product: &str,
    journal: &Journal,
) -> Result<Offer, Refused> {
    let (in_stock, cents, days) = tokio::try_join!(
        stock.ask(product, journal),
        price.ask(product, journal),
        courier.ask(product, journal),
    )?;
    journal.log("shop", "has all three answers");
    Ok(Offer { in_stock, cents, days })
}
// ANCHOR_END: try-join

/// Asks a list of services concurrently. The answers are in the order of the list.
///
/// # Errors
/// A service refused; the other questions are dropped.
// ANCHOR: list
pub async fn ask_all(services: &[Service], product: &str, journal: &Journal) -> Result<Vec<u32>, Refused> {
    try_join_all(services.iter().map(|service| service.ask(product, journal))).await
}
// ANCHOR_END: list
