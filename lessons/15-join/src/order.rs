//! An order is two calls that change something: charge the card, reserve the goods. Both outcomes matter.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::services::{Refused, Service};

/// What the payment service can be asked to do; with the way back for its receipt.
#[derive(Debug)]
pub enum Payment {
    Charge(oneshot::Sender<()>),
    PayBack(oneshot::Sender<()>),
}

/// The payment service. It runs elsewhere: what it was sent it does, whether or not somebody waits for the receipt.
// ANCHOR: payment-service
pub async fn payment_service(mut requests: mpsc::Receiver<Payment>, journal: Journal) {
    while let Some(request) = requests.recv().await {
        sleep(Duration::from_millis(200)).await;
        let (done, receipt) = match request {
            Payment::Charge(receipt) => ("charged the card", receipt),
            Payment::PayBack(receipt) => ("paid back", receipt),
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
    journal.log("shop", "asks for the payment");
    payment.send(Payment::Charge(receipt)).await.map_err(|_| Refused("no payment service"))?;
    received.await.map_err(|_| Refused("no receipt"))
}
// ANCHOR_END: charge

async fn pay_back(payment: &mpsc::Sender<Payment>) -> Result<(), Refused> {
    let (receipt, received) = oneshot::channel();
    payment.send(Payment::PayBack(receipt)).await.map_err(|_| Refused("no payment service"))?;
    received.await.map_err(|_| Refused("no receipt"))
}

/// Charges and reserves at once, waits for both, and undoes the one when the other has failed.
///
/// # Errors
/// The goods are not to be had, and the customer has paid nothing or has it back.
// ANCHOR: both-outcomes
pub async fn order(
    stock: Service,
    payment: &mpsc::Sender<Payment>,
    journal: &Journal,
) -> Result<(), Refused> {
    match tokio::join!(stock.ask("lamp", journal), charge(payment, journal)) {
        (Ok(_), Ok(())) => Ok(()),
        (Err(refused), Ok(())) => {
            journal.log("shop", "has charged for nothing, so it pays back");
            pay_back(payment).await?;
            Err(refused)
        }
        (Ok(_), Err(refused)) => {
            journal.log("shop", "has a lamp for nothing, so it gives it back");
            Err(refused)
        }
        (Err(refused), Err(_)) => Err(refused),
    }
}
// ANCHOR_END: both-outcomes
