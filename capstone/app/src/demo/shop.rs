//! The order service: business rows and messages in the same transactions, some of them rolled back on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use capstone_outbox::Message;
use capstone_outbox::sqlite::{SqliteStore, TransactionError, enqueue};
use futures::future::try_join_all;
use rusqlite::Savepoint;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::ledger::{Committed, Outcome};

/// Customers who order at the same time, and so share commits.
const CUSTOMERS: u32 = 64;
/// One of so many transactions is rolled back.
const ROLLBACK_EVERY: u32 = 20;
/// The states an order goes through, by the number of its message.
const TOPICS: [&str; 3] = ["orders.created", "orders.paid", "orders.shipped"];
/// Names the header with the microseconds from the start of the demonstration to the insert.
pub(super) const SENT_US: &str = "sent-us";

pub(super) struct Shop {
    store: Arc<SqliteStore>,
    start: Instant,
    keys: u32,
}

/// Why a transaction was rolled back.
#[derive(Debug)]
enum Refused {
    OnPurpose,
    Failed(anyhow::Error),
}

impl Shop {
    pub(super) async fn open(store: Arc<SqliteStore>, start: Instant, keys: u32) -> anyhow::Result<Self> {
        let tables =
            "CREATE TABLE orders (name TEXT NOT NULL, number INTEGER NOT NULL, cents INTEGER NOT NULL,
                                           PRIMARY KEY (name, number)) STRICT, WITHOUT ROWID";
        store.transaction(|tx| tx.execute_batch(tables)).await?;
        Ok(Self { store, start, keys })
    }

    /// Commits `messages` messages, or fewer when it is stopped, and returns the ledger of what it did. `open`
    /// is dropped when the shop closes.
    pub(super) async fn sell(
        &self,
        messages: u32,
        stop: &CancellationToken,
        open: DropGuard,
    ) -> anyhow::Result<Vec<Committed>> {
        let left = AtomicU32::new(messages);
        // A key belongs to one customer, so its ledger is in the order of its commits.
        let customers = (0..CUSTOMERS.min(self.keys)).map(|customer| self.serve(customer, &left, stop));
        let ledgers = try_join_all(customers).await;
        drop(open);
        Ok(ledgers?.into_iter().flatten().collect())
    }

    async fn serve(
        &self,
        customer: u32,
        left: &AtomicU32,
        stop: &CancellationToken,
    ) -> anyhow::Result<Vec<Committed>> {
        let customers = CUSTOMERS.min(self.keys);
        let mut random = fastrand::Rng::with_seed(customer.into());
        let mut orders: Vec<(u32, u64)> =
            (customer..self.keys).step_by(customers as usize).map(|k| (k, 0)).collect();
        let mut ledger = Vec::new();
        while !stop.is_cancelled() {
            let is_refused = random.u32(0..ROLLBACK_EVERY) == 0;
            let none_left =
                || left.try_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err();
            if !is_refused && none_left() {
                break;
            }
            let pick = random.usize(0..orders.len());
            let (order, number) = &mut orders[pick];
            *number += 1;
            let outcome = if is_refused { Outcome::RolledBack } else { Outcome::Committed };
            ledger.push(self.order(*order, *number, random.u32(100..100_000), outcome).await?);
        }
        Ok(ledger)
    }

    /// One transaction: the order's row and its message.
    async fn order(
        &self,
        order: u32,
        number: u64,
        cents: u32,
        outcome: Outcome,
    ) -> anyhow::Result<Committed> {
        let name = format!("order-{order}");
        let topic = TOPICS[usize::try_from(number % 3).expect("one of three")].parse()?;
        let payload = format!("{{\"order\":\"{name}\",\"number\":{number},\"cents\":{cents}}}");
        let crc32 = crc32fast::hash(payload.as_bytes());
        let message = Message::new(topic, payload).with_key(&name)?;
        let id = message.id().to_string();
        let (start, key) = (self.start, name.clone());
        let transaction = self.store.transaction(move |tx| {
            let message = message.with_header(SENT_US, start.elapsed().as_micros().to_string());
            write(tx, &name, number, cents, &message).map_err(Refused::Failed)?;
            if outcome == Outcome::RolledBack { Err(Refused::OnPurpose) } else { Ok(()) }
        });
        match transaction.await {
            Ok(()) | Err(TransactionError::RolledBack(Refused::OnPurpose)) => {}
            Err(TransactionError::RolledBack(Refused::Failed(error))) => return Err(error),
            Err(TransactionError::Store(error)) => return Err(error.into()),
            Err(TransactionError::Panicked(text)) => anyhow::bail!(text),
        }
        Ok(Committed { id, key: Some(key), seq: number, crc32, outcome })
    }
}

fn write(tx: &Savepoint<'_>, name: &str, number: u64, cents: u32, message: &Message) -> anyhow::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO orders (name, number, cents) VALUES (?1, ?2, ?3)")?;
    insert.execute((name, i64::try_from(number)?, cents))?;
    enqueue(tx, message)?;
    Ok(())
}
