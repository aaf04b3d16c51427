//! Those who receive: one of everything, a queue group that shares the work, and one that is too slow.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use capstone_bus::{Bus, Delivery, Overflow, Subscription};
use hdrhistogram::Histogram;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::shop::SENT_US;
use crate::ledger::{Delivered, Kind};

const WAREHOUSE: &str = "warehouse";
const BILLING: &str = "billing";
const DASHBOARD: &str = "dashboard";
/// Members of the queue group.
const CLERKS: usize = 3;
/// What the dashboard needs for each message, and how many it is willing to be behind.
const DRAWING: Duration = Duration::from_millis(1);
const DASHBOARD_CAPACITY: usize = 64;
/// Longer than the relay waits for a publish: a busy machine must not make a blocking subscription drop.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Subscribers {
    tasks: JoinSet<anyhow::Result<Ledger>>,
    ordered: Arc<AtomicU64>,
}

/// What one subscription got, and how long each message took.
struct Ledger {
    records: Vec<Delivered>,
    latency_us: Histogram<u64>,
}

/// What all of them got.
pub(super) struct Received {
    pub(super) records: Vec<Delivered>,
    pub(super) latency_us: Histogram<u64>,
}

/// What the shop writes into a message.
#[derive(Deserialize)]
struct Order {
    number: u64,
}

impl Subscribers {
    pub(super) fn start(bus: &Bus, start: Instant) -> anyhow::Result<Self> {
        let mut subscribers = Self { tasks: JoinSet::new(), ordered: Arc::default() };
        let block = Overflow::Block { timeout: PATIENCE };
        let all = bus.subscription("orders.>").overflow(block).open()?;
        subscribers.spawn(WAREHOUSE, all, start, Duration::ZERO);
        for _ in 0..CLERKS {
            let clerk = bus.subscription("orders.*").queue(BILLING).overflow(block).open()?;
            subscribers.spawn(BILLING, clerk, start, Duration::ZERO);
        }
        let slow = bus
            .subscription("orders.*")
            .capacity(DASHBOARD_CAPACITY)
            .overflow(Overflow::DropOldest)
            .open()?;
        subscribers.spawn(DASHBOARD, slow, start, DRAWING);
        Ok(subscribers)
    }

    fn spawn(&mut self, name: &'static str, subscription: Subscription, start: Instant, work: Duration) {
        let received = if name == WAREHOUSE { Arc::clone(&self.ordered) } else { Arc::default() };
        self.tasks.spawn(receive(name, subscription, start, work, received));
    }

    /// How many the warehouse has received, for a progress bar.
    pub(super) fn ordered_so_far(&self) -> impl Fn() -> u64 + Send + 'static {
        let ordered = Arc::clone(&self.ordered);
        move || ordered.load(Ordering::Relaxed)
    }

    /// Waits until each has taken what was queued for it.
    pub(super) async fn finish(mut self) -> anyhow::Result<Received> {
        let mut all = Received { records: Vec::new(), latency_us: histogram() };
        while let Some(ledger) = self.tasks.join_next().await {
            let ledger = ledger.context("a subscriber")??;
            all.records.extend(ledger.records);
            all.latency_us.add(ledger.latency_us)?;
        }
        Ok(all)
    }
}

impl Received {
    pub(super) fn kinds() -> BTreeMap<String, Kind> {
        [(WAREHOUSE, Kind::Ordered), (BILLING, Kind::QueueGroup), (DASHBOARD, Kind::Lossy)]
            .map(|(name, kind)| (name.to_owned(), kind))
            .into()
    }
}

/// Writes down what arrives until the bus is closed. Latency counts for those who keep up, not for the one that
/// is slow on purpose.
async fn receive(
    name: &'static str,
    mut subscription: Subscription,
    start: Instant,
    work: Duration,
    received: Arc<AtomicU64>,
) -> anyhow::Result<Ledger> {
    let mut ledger = Ledger { records: Vec::new(), latency_us: histogram() };
    while let Some(delivery) = subscription.recv().await {
        received.fetch_add(1, Ordering::Relaxed);
        if work.is_zero() {
            let sent: u64 = header(&delivery, SENT_US)?.parse()?;
            let now = u64::try_from(start.elapsed().as_micros())?;
            ledger.latency_us.saturating_record(now.saturating_sub(sent));
        }
        ledger.records.push(record(name, &delivery)?);
        if !work.is_zero() {
            sleep(work).await;
        }
    }
    Ok(ledger)
}

fn record(name: &str, delivery: &Delivery) -> anyhow::Result<Delivered> {
    let order: Order = serde_json::from_slice(&delivery.payload).context("a payload")?;
    Ok(Delivered {
        subscriber: name.to_owned(),
        id: header(delivery, "outbox-id")?.to_owned(),
        key: Some(header(delivery, "outbox-key")?.to_owned()),
        seq: order.number,
        crc32: crc32fast::hash(&delivery.payload),
    })
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> anyhow::Result<&'a str> {
    delivery.headers.get(name).with_context(|| format!("a message without header {name}"))
}

/// Microseconds up to an hour, to three digits.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("the bounds are valid")
}
