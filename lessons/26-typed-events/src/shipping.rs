//! A handler that does three things at once, each with an error of its own.

use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Event, EventBus};
use crate::report::Handled;

/// An order has been paid.
pub struct OrderPaid {
    pub order: u32,
    pub tax_number: Option<&'static str>,
    pub vans_left: u32,
}

impl Event for OrderPaid {}

#[derive(Debug, thiserror::Error)]
#[error("the printer is offline")]
pub struct PrinterOffline;

#[derive(Debug, thiserror::Error)]
#[error("the invoice has no tax number")]
pub struct NoTaxNumber;

#[derive(Debug, thiserror::Error)]
#[error("no van is left")]
pub struct NoVan;

/// Does all three, whatever becomes of the other two.
// ANCHOR: ship
pub async fn ship(paid: Arc<OrderPaid>, journal: Journal) -> Handled {
    let (label, invoice, van) = tokio::join!(
        print_label(&paid, &journal),
        write_invoice(&paid, &journal),
        book_van(&paid, &journal),
    );
    let errors = [
        label.err().map(|error: PrinterOffline| error.to_string()),
        invoice.err().map(|error: NoTaxNumber| error.to_string()),
        van.err().map(|error: NoVan| error.to_string()),
    ];
    let errors: Vec<String> = errors.into_iter().flatten().collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ").into()) }
}
// ANCHOR_END: ship

async fn print_label(paid: &OrderPaid, journal: &Journal) -> Result<(), PrinterOffline> {
    sleep(Duration::from_millis(90)).await;
    journal.log("printer", format_args!("prints the label of order {}", paid.order));
    Ok(())
}

async fn write_invoice(paid: &OrderPaid, journal: &Journal) -> Result<(), NoTaxNumber> {
    sleep(Duration::from_millis(140)).await;
    let tax_number = paid.tax_number.ok_or(NoTaxNumber)?;
    journal.log("invoice", format_args!("is written, with the tax number {tax_number}"));
    Ok(())
}

async fn book_van(paid: &OrderPaid, journal: &Journal) -> Result<(), NoVan> {
    sleep(Duration::from_millis(60)).await;
    if paid.vans_left == 0 {
        return Err(NoVan);
    }
    journal.log("courier", format_args!("books a van for order {}", paid.order));
    Ok(())
}

/// Two of the three operations fail.
pub async fn two_of_three_fail(journal: Journal) {
    let bus = EventBus::new();
    let log = journal.clone();
    bus.on_fallible::<OrderPaid>("shipping", move |paid| ship(paid, log.clone()));
    let report = bus.emit(OrderPaid { order: 7, tax_number: None, vans_left: 0 }).await;
    journal.log("shop", report);
}
