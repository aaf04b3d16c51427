//! The store of a relay that carries into a stream of the same database: what it publishes moves, in one transaction.

use std::sync::Arc;
use std::time::Duration;

use super::handle::Stream;
use super::store::{StreamId, StreamStore};
use crate::message::Seq;
use crate::sink::StreamSink;
use crate::store::{
    Budget, Changes, Due, DueLook, Fetched, Lane, Lease, Legacy, Look, Owner, Renewed, Settled, Store,
    StoreError,
};

/// A store whose published rows become messages of a stream in the transaction that deletes them from the outbox: this
/// hop neither loses nor duplicates, whatever is killed.
///
/// ```
/// use std::sync::Arc;
///
/// use capstone_outbox::sqlite::{SqliteStore, enqueue};
/// use capstone_outbox::stream::{Start, StreamConfig, StreamingStore, Streams};
/// use capstone_outbox::{Message, Relay, RelayConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = Arc::new(SqliteStore::open(folder.path().join("shop.db"))?);
/// let message = Message::new("orders.created".parse()?, "{}");
/// store.transaction(move |tx| enqueue(tx, &message).map(drop)).await?;
///
/// let orders = Streams::new(Arc::clone(&store)).create(StreamConfig::new("orders")).await?;
/// let streaming = StreamingStore::new(store, &orders);
/// let sink = streaming.sink();
/// let mut relay = Relay::new(Arc::new(streaming), Arc::new(sink), RelayConfig::default())?;
/// relay.run_until_empty(std::future::pending()).await?;
/// assert_eq!(orders.read(Start::First).next().await?.message.topic, "orders.created");
/// # Ok(())
/// # }
/// ```
pub struct StreamingStore<S> {
    store: Arc<S>,
    stream: StreamId,
}

impl<S: Store + StreamStore> StreamingStore<S> {
    /// Carries into this stream, which must be of this store.
    #[must_use]
    pub fn new(store: Arc<S>, stream: &Stream) -> Self {
        Self { store, stream: stream.id() }
    }

    /// The sink that goes with this store.
    #[must_use]
    pub fn sink(&self) -> StreamSink {
        StreamSink::new()
    }
}

impl<S: Store + StreamStore> Store for StreamingStore<S> {
    fn lanes(&self) -> u16 {
        self.store.lanes()
    }

    fn commits_late(&self) -> bool {
        self.store.commits_late()
    }

    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        self.store.renew(owner, ttl).await
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        self.store.acquire(owner, lanes_max, ttl).await
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        self.store.release(leases).await
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        self.store.leave(owner).await
    }

    async fn legacy(&self, lanes: &[Lane]) -> Result<Legacy, StoreError> {
        self.store.legacy(lanes).await
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        self.store.fetch(look, budget).await
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        self.store.due(look, budget).await
    }

    async fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        self.store.fetch_spilled(lease, key, after, upto, budget).await
    }

    /// What another owner has moved already is not in the outbox any more, and is not moved again.
    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        self.store.settle_into(self.stream, changes.clone()).await
    }

    async fn changed(&self) {
        self.store.changed().await;
    }
}
