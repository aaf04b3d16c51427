//! An order makes two calls that change something: reserve the goods, charge the card. Both outcomes matter.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::services::{Refused, Service};

/// A request to the payment service, with the channel for its receipt.
#[derive(Debug)]
pub enum Payment {
    Charge(oneshot::Sender<()>),
    Refund(oneshot::Sender<()>),
}

/// The payment service. It runs elsewhere, and serves every request whether or not the caller still waits for the receipt.
// ANCHOR: payment-service
pub async fn payment_service(mut requests: mpsc::Receiver<Payment>, journal: Journal) {
    while let Some(request) = requests.recv().await {
        sleep(Duration::from_millis(200)).await;
        let (done, receipt) = match request {
            Payment::Charge(receipt) => ("charged the card", receipt),
            Payment::Refund(receipt) => ("refunded the card", receipt),
        };
        journal.log("payment", done);
        if receipt.send(()).is_err() {
            journal.log("payment", "nobody waits for the receipt");
        }
    }
}
// ANCHOR_END: payment-service

/// Charges the card: sends the request, and waits for the receipt.
// ANCHOR: charge
pub async fn charge(payment: &mpsc::Sender<Payment>, journal: &Journal) -> Result<(), Refused> {
    let (receipt, received) = oneshot::channel();
    journal.log("shop", "requests the payment");
    payment.send(Payment::Charge(receipt)).await.map_err(|_| Refused("no payment service"))?;
    received.await.map_err(|_| Refused("no receipt"))
}
// ANCHOR_END: charge

async fn refund(payment: &mpsc::Sender<Payment>) -> Result<(), Refused> {
    let (receipt, received) = oneshot::channel();
    payment.send(Payment::Refund(receipt)).await.map_err(|_| Refused("no payment service"))?;
    received.await.map_err(|_| Refused("no receipt"))
}

/// Reserves and charges concurrently, waits for both, and undoes one when the other has failed.
///
/// # Errors
/// The order failed. The customer has not paid, or has been refunded, unless the refund failed: then that is the error.
// ANCHOR: both-outcomes
pub async fn order(
    stock: Service,
    payment: &mpsc::Sender<Payment>,
    journal: &Journal,
) -> Result<(), Refused> {
    match tokio::join!(stock.ask("lamp", journal), charge(payment, journal)) {
        (Ok(_), Ok(())) => Ok(()),
        (Err(refused), Ok(())) => {
            journal.log("shop", "charged without a lamp, requests a refund");
            refund(payment).await?;
            Err(refused)
        }
        (Ok(_), Err(refused)) => {
            journal.log("shop", "reserved without a payment, releases the lamp");
            Err(refused)
        }
        (Err(refused), Err(_)) => Err(refused),
    }
}
// ANCHOR_END: both-outcomes
