//! Exercise 30.3: what `publish` returns, and who looks at it.

use std::time::Duration;

use futures::future::join_all;
use tokio::sync::oneshot;

/// What becomes of a row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one subscriber, and every one has the message.
    Sent,
    /// Nobody wanted it, a mailbox was full, or the bus refused it. To be published again.
    Unsent,
    /// The bus ended without a receipt: the message may have been delivered, or not.
    Unknown,
}

/// Publishes the orders. Returns what became of each, in the order of the rows.
pub async fn relay(bus: &Bus, orders: &[u32]) -> Vec<Outcome> {
    // TODO: "queued" is taken for "sent", and nobody reads the receipts.
    let mut outcomes = Vec::new();
    for order in orders {
        match bus.publish(*order).await {
            Ok(_queued) => outcomes.push(Outcome::Sent),
            Err(Refused) => outcomes.push(Outcome::Unsent),
        }
    }
    outcomes
}

/// How many mailboxes have the message, and how many were full.
#[derive(Clone, Copy, Debug)]
pub struct Receipt {
    pub delivered: usize,
    pub dropped: usize,
}

/// The bus takes no more messages; nobody got this one.
#[derive(Clone, Copy, Debug)]
pub struct Refused;

/// The bus has ended without a receipt.
#[derive(Clone, Copy, Debug)]
pub struct Closed;

/// The receipt of a message that is queued.
pub struct Queued(oneshot::Receiver<Receipt>);

impl Queued {
    pub async fn receipt(self) -> Result<Receipt, Closed> {
        self.0.await.map_err(|_| Closed)
    }
}

/// Decides what happens to an order: when it is answered, and how. `None`: the bus refuses it.
type Fate = dyn Fn(u32) -> Option<(Duration, Result<Receipt, Closed>)> + Send + Sync;

/// A bus far away: its receipts come back after a while, and not in order.
pub struct Bus {
    fate: Box<Fate>,
}

impl Bus {
    pub fn new(
        fate: impl Fn(u32) -> Option<(Duration, Result<Receipt, Closed>)> + Send + Sync + 'static,
    ) -> Self {
        Self { fate: Box::new(fate) }
    }

    /// Returns as soon as the message is queued. `Err` if the bus takes no more.
    pub async fn publish(&self, order: u32) -> Result<Queued, Refused> {
        let (takes, receipt) = (self.fate)(order).ok_or(Refused)?;
        let (answer, answered) = oneshot::channel();
        tokio::spawn(async move {
            tokio::time::sleep(takes).await;
            match receipt {
                Ok(receipt) => answer.send(receipt).ok(),
                Err(Closed) => None, // `answer` is dropped
            }
        });
        Ok(Queued(answered))
    }
}
