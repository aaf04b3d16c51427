//! The order service: business rows and messages in the same transactions, some of them rolled back on purpose.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use capstone_outbox::Message;
use futures::future::try_join_all;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::books::{Books, Sale};
use crate::ledger::{Committed, Outcome};

/// Customers who order at the same time, and so share commits.
const CUSTOMERS: u32 = 64;
/// One of so many transactions is rolled back.
const ROLLBACK_EVERY: u32 = 20;
/// The states an order goes through, by the number of its message.
const TOPICS: [&str; 3] = ["orders.created", "orders.paid", "orders.shipped"];

pub(super) struct Shop<B> {
    books: Arc<B>,
    keys: u32,
    /// What was committed before: by key, the last number.
    last: HashMap<String, u64>,
    sold: u32,
}

impl<B: Books> Shop<B> {
    /// Goes on behind the orders that there are.
    pub(super) async fn open(books: Arc<B>, keys: u32) -> anyhow::Result<Self> {
        let orders = books.orders().await?;
        let sold = u32::try_from(orders.len())?;
        let last = orders.into_iter().map(|order| (order.key.unwrap_or_default(), order.seq)).collect();
        Ok(Self { books, keys, last, sold })
    }

    /// Commits messages until there are so many, or fewer when it is stopped, and returns the ledger of what it did. `open`
    /// is dropped when the shop closes.
    pub(super) async fn sell(
        &self,
        messages: u32,
        stop: &CancellationToken,
        open: DropGuard,
    ) -> anyhow::Result<Vec<Committed>> {
        let left = AtomicU32::new(messages.saturating_sub(self.sold));
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
        let names = (customer..self.keys).step_by(customers as usize).map(|key| format!("order-{key}"));
        let last = |name: &String| self.last.get(name).copied().unwrap_or_default();
        let mut orders: Vec<(String, u64)> = names.map(|name| (name.clone(), last(&name))).collect();
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
            ledger.push(self.order(order, *number, random.u32(100..100_000), outcome).await?);
        }
        Ok(ledger)
    }

    /// One transaction: the order's row and its message.
    async fn order(
        &self,
        name: &str,
        number: u64,
        cents: u32,
        outcome: Outcome,
    ) -> anyhow::Result<Committed> {
        let topic = TOPICS[usize::try_from(number % 3).expect("one of three")].parse()?;
        let payload = format!("{{\"order\":\"{name}\",\"number\":{number},\"cents\":{cents}}}");
        let crc32 = crc32fast::hash(payload.as_bytes());
        let message = Message::new(topic, payload).with_key(name)?;
        let id = message.id().to_string();
        let record = Committed { id, key: Some(name.to_owned()), seq: number, crc32, outcome };
        self.books.sell(Sale { record: record.clone(), cents, message }).await?;
        Ok(record)
    }
}
