//! Those who receive: a durable consumer of everything, one whose members share the work, and a live one that is too
//! slow.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use capstone_bus::{Bus, Overflow, Subscription};
use capstone_outbox::Envelope;
use capstone_outbox::stream::{Consumer, Stream};
use hdrhistogram::Histogram;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::shop::SENT_US;
use crate::ledger::{Delivered, Kind};

const WAREHOUSE: &str = "warehouse";
const BILLING: &str = "billing";
const DASHBOARD: &str = "dashboard";
/// Members of the consumer that shares its work.
const CLERKS: usize = 3;
/// Messages that a durable subscriber takes before it acknowledges them together.
const BATCH: usize = 256;
/// What the dashboard needs for each message, and how many it is willing to be behind.
const DRAWING: Duration = Duration::from_millis(1);
const DASHBOARD_CAPACITY: usize = 64;
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
    /// The durable ones go on until the stream is `complete` and they have come to its end, the live one until the bus
    /// is closed.
    pub(super) async fn start(
        stream: &Stream,
        bus: &Bus,
        start: Instant,
        complete: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let mut subscribers = Self { tasks: JoinSet::new(), ordered: Arc::default() };
        for name in [WAREHOUSE].into_iter().chain([BILLING; CLERKS]) {
            let consumer = stream.consumer(name).filter("orders.*".parse()?).fetch_ahead(BATCH);
            let counter = if name == WAREHOUSE { Arc::clone(&subscribers.ordered) } else { Arc::default() };
            let member = Member { name, start, counter, complete: complete.clone() };
            subscribers.tasks.spawn(member.receive(consumer.open().await?));
        }
        let slow = bus.subscription("orders.*").capacity(DASHBOARD_CAPACITY).overflow(Overflow::DropOldest);
        subscribers.tasks.spawn(watch(slow.open()?));
        Ok(subscribers)
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

/// One member of a durable consumer.
struct Member {
    name: &'static str,
    start: Instant,
    counter: Arc<AtomicU64>,
    complete: CancellationToken,
}

impl Member {
    /// Writes down what arrives, then acknowledges it.
    async fn receive(self, mut consumer: Consumer) -> anyhow::Result<Ledger> {
        let mut ledger = Ledger { records: Vec::new(), latency_us: histogram() };
        loop {
            // Both are cancel safe.
            let batch = tokio::select! {
                biased;
                () = self.complete.cancelled() => match consumer.try_next().await? {
                    Some(delivery) => vec![delivery],
                    None => return Ok(ledger),
                },
                batch = consumer.next_batch(BATCH) => batch?,
            };
            for delivery in &batch {
                let sent: u64 =
                    delivery.headers()?.get(SENT_US).context("a message without its time")?.parse()?;
                let now = u64::try_from(self.start.elapsed().as_micros())?;
                ledger.latency_us.saturating_record(now.saturating_sub(sent));
                ledger.records.push(record(self.name, delivery)?);
            }
            consumer.ack_all(&batch).await?;
            self.counter.fetch_add(u64::try_from(batch.len())?, Ordering::Relaxed);
        }
    }
}

/// Draws what arrives until the bus is closed, and is too slow for it on purpose.
async fn watch(mut subscription: Subscription) -> anyhow::Result<Ledger> {
    let mut ledger = Ledger { records: Vec::new(), latency_us: histogram() };
    while let Some(delivery) = subscription.recv().await {
        let header =
            |name| delivery.headers.get(name).with_context(|| format!("a message without header {name}"));
        ledger.records.push(delivered(
            DASHBOARD,
            header("outbox-id")?.to_owned(),
            header("outbox-key")?.to_owned(),
            &delivery.payload,
        )?);
        sleep(DRAWING).await;
    }
    Ok(ledger)
}

fn record(name: &str, message: &Envelope) -> anyhow::Result<Delivered> {
    let key = message.key.as_deref().context("a message without its key")?;
    delivered(name, message.id.to_string(), key.to_owned(), &message.payload)
}

fn delivered(name: &str, id: String, key: String, payload: &[u8]) -> anyhow::Result<Delivered> {
    let order: Order = serde_json::from_slice(payload).context("a payload")?;
    let (subscriber, crc32) = (name.to_owned(), crc32fast::hash(payload));
    Ok(Delivered { subscriber, id, key: Some(key), seq: order.number, crc32 })
}

/// Microseconds up to an hour, to three digits.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("the bounds are valid")
}
