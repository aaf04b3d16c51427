//! Those who receive: a reader that keeps its own place, a consumer whose members share the work, and a live subscriber
//! that is too slow.
//!
//! The first two write down what they receive in their own tables, so that they go on where they were, whoever is killed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use capstone_bus::{Bus, Overflow, Subscription};
use capstone_outbox::stream::{Consumer, Delivery, Reader, Start, Stream};
use capstone_outbox::{Envelope, Seq};
use futures::FutureExt;
use hdrhistogram::Histogram;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::books::{Books, Memory, Receipt, SENT_US, now_us};
use crate::ledger::{Delivered, Kind};

const WAREHOUSE: &str = "warehouse";
const BILLING: &str = "billing";
const DASHBOARD: &str = "dashboard";
/// What the durable ones want.
const FILTER: &str = "orders.*";
/// Members of the consumer that shares its work.
const CLERKS: usize = 3;
/// Messages that a durable subscriber writes down in one transaction.
const BATCH: usize = 256;
/// How long a clerk may take: so that a slow machine shows no repeats or, after a kill, so that nobody waits for long.
const ACK_WAIT: Duration = Duration::from_secs(30);
const ACK_WAIT_RESUMED: Duration = Duration::from_secs(2);
/// How long a clerk waits for what another one has in hand, before it asks whether all is done.
const LOOK: Duration = Duration::from_millis(100);
/// What the dashboard needs for each message, and how many it is willing to be behind.
const DRAWING: Duration = Duration::from_millis(1);
const DASHBOARD_CAPACITY: usize = 64;

pub(super) struct Subscribers {
    tasks: JoinSet<anyhow::Result<Ledger>>,
    ordered: Arc<AtomicU64>,
}

/// What one subscriber has that is not in its tables, and how long each message took.
struct Ledger {
    records: Vec<Delivered>,
    latency_us: Histogram<u64>,
}

/// What all of them have that is in no table.
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
    pub(super) async fn start<B: Books>(
        stream: &Stream,
        bus: &Bus,
        books: &Arc<B>,
        is_resumed: bool,
        complete: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let mut subscribers = Self { tasks: JoinSet::new(), ordered: Arc::default() };
        let member = |name, counter| Member {
            name,
            books: Arc::clone(books),
            counter,
            is_resumed,
            complete: complete.clone(),
            ledger: Ledger::new(),
        };
        let next = books.place(WAREHOUSE).await?.map_or(Start::First, |last| Start::Seq(Seq(last.0 + 1)));
        let reader = stream.read(next).filter(FILTER.parse()?);
        let warehouse = member(WAREHOUSE, Arc::clone(&subscribers.ordered));
        subscribers.tasks.spawn(warehouse.read(reader));
        let ack_wait = if is_resumed { ACK_WAIT_RESUMED } else { ACK_WAIT };
        for _ in 0..CLERKS {
            let consumer = stream.consumer(BILLING).filter(FILTER.parse()?).fetch_ahead(BATCH);
            let consumer = consumer.ack_wait(ack_wait).open().await?;
            subscribers.tasks.spawn(member(BILLING, Arc::default()).consume(consumer, stream.clone()));
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

impl Ledger {
    fn new() -> Self {
        Self { records: Vec::new(), latency_us: histogram() }
    }
}

/// A durable subscriber, or one member of it.
struct Member<B> {
    name: &'static str,
    books: Arc<B>,
    counter: Arc<AtomicU64>,
    is_resumed: bool,
    complete: CancellationToken,
    ledger: Ledger,
}

impl<B: Books> Member<B> {
    /// Its last receipt is its place: nothing is acknowledged.
    async fn read(mut self, mut reader: Reader) -> anyhow::Result<Ledger> {
        loop {
            // Both are cancel safe.
            let first = tokio::select! {
                biased;
                () = self.complete.cancelled() => match reader.try_next().await? {
                    Some(record) => record,
                    None => return Ok(self.ledger),
                },
                record = reader.next() => record?,
            };
            let mut batch = vec![first.message];
            while batch.len() < BATCH
                && let Some(record) = reader.next().now_or_never()
            {
                batch.push(record?.message);
            }
            self.receive(batch.iter(), Memory::Place).await?;
        }
    }

    /// Writes down what arrives, then acknowledges it.
    async fn consume(mut self, mut consumer: Consumer, stream: Stream) -> anyhow::Result<Ledger> {
        loop {
            // Both are cancel safe.
            let batch = tokio::select! {
                biased;
                () = self.complete.cancelled() => match timeout(LOOK, consumer.next_batch(BATCH)).await {
                    Ok(batch) => batch?,
                    Err(_) if is_done(&stream).await? => return Ok(self.ledger),
                    Err(_) => continue,
                },
                batch = consumer.next_batch(BATCH) => batch?,
            };
            self.receive(batch.iter().map(|delivery: &Delivery| &**delivery), Memory::Inbox).await?;
            consumer.ack_all(&batch).await?;
        }
    }

    async fn receive<'a>(
        &mut self,
        batch: impl ExactSizeIterator<Item = &'a Envelope>,
        memory: Memory,
    ) -> anyhow::Result<()> {
        let messages = u64::try_from(batch.len())?;
        let mut receipts = Vec::with_capacity(batch.len());
        for message in batch {
            let sent: u64 = message.headers()?.get(SENT_US).context("a message without its time")?.parse()?;
            self.ledger.latency_us.saturating_record(now_us().saturating_sub(sent));
            receipts.push(receipt(self.name, message)?);
        }
        let repeats = self.books.receive(receipts, memory).await?;
        // What is in hand when the program is killed comes again, and the inbox knows it. Otherwise nothing may.
        if !self.is_resumed {
            self.ledger.records.extend(repeats);
        }
        self.counter.fetch_add(messages, Ordering::Relaxed);
        Ok(())
    }
}

/// Nobody of billing has anything in hand any more, not even one that was killed, and nothing waits.
async fn is_done(stream: &Stream) -> anyhow::Result<bool> {
    let consumers = stream.consumers().await?;
    Ok(consumers.iter().all(|consumer| consumer.pending == 0 && consumer.waiting == 0))
}

/// Draws what arrives until the bus is closed, and is too slow for it on purpose.
async fn watch(mut subscription: Subscription) -> anyhow::Result<Ledger> {
    let mut ledger = Ledger::new();
    while let Some(delivery) = subscription.recv().await {
        let header =
            |name| delivery.headers().get(name).with_context(|| format!("a message without header {name}"));
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

fn receipt(name: &str, message: &Envelope) -> anyhow::Result<Receipt> {
    let key = message.key.as_deref().context("a message without its key")?;
    let record = delivered(name, message.id.to_string(), key.to_owned(), &message.payload)?;
    Ok(Receipt { id: message.id, place: message.seq, record })
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
