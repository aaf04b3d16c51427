//! The same ideas gone wrong. `tests/lesson.rs` shows what each one does: it is slow, or leaves something half done.

use shared::Journal;
use tokio::sync::mpsc;

use crate::offer::Offer;
use crate::order::{Payment, charge};
use crate::services::{Refused, Service};

/// Slow: each question is asked when the one before it has been answered.
// ANCHOR: one-after-another
pub async fn one_after_another(
    [stock, price, courier]: [Service; 3],
    product: &str,
    journal: &Journal,
) -> Result<Offer, Refused> {
    let in_stock = stock.ask(product, journal).await?;
    let cents = price.ask(product, journal).await?;
    let days = courier.ask(product, journal).await?;
    journal.log("shop", "has all three answers");
    Ok(Offer { in_stock, cents, days })
}
// ANCHOR_END: one-after-another

/// Leaves an order half done: when the stock refuses, `try_join!` drops the wait for the payment.
// ANCHOR: half-done
pub async fn half_done(
    stock: Service,
    payment: &mpsc::Sender<Payment>,
    journal: &Journal,
) -> Result<(), Refused> {
    tokio::try_join!(stock.ask("lamp", journal), charge(payment, journal))?;
    Ok(())
}
// ANCHOR_END: half-done

/// Slow: a branch without an await runs to its end before the next branch is polled.
// ANCHOR: computing
pub async fn computing_in_join(compute: impl Fn(&str)) {
    tokio::join!(async { compute("sum 1") }, async { compute("sum 2") });
}
// ANCHOR_END: computing

/// Does not return at the first error: a handle fails only if its task panicked or was aborted; an `Err` of the task is a value.
// ANCHOR: joined-handles
pub async fn joined_handles(services: [Service; 2], journal: Journal) -> [Result<u32, Refused>; 2] {
    let [one, other] = services.map(|service| {
        let journal = journal.clone();
        tokio::spawn(async move { service.ask("lamp", &journal).await })
    });
    let (one, other) = tokio::try_join!(one, other).expect("no question panics");
    [one, other]
}
// ANCHOR_END: joined-handles
