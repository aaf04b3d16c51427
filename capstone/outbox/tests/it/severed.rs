//! A store whose caller can be cut off, as a process is that was killed: nothing of it arrives any more.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::Seq;
use capstone_outbox::memory::MemoryStore;
use capstone_outbox::store::{
    Budget, Changes, Due, DueLook, Fetched, Lane, Lease, Legacy, Look, Owner, Renewed, Settled, Store,
    StoreError,
};
use tokio_util::sync::CancellationToken;

pub(crate) struct Severed {
    store: Arc<MemoryStore>,
    cut: CancellationToken,
}

impl Severed {
    pub(crate) fn new(store: Arc<MemoryStore>) -> Self {
        Self { store, cut: CancellationToken::new() }
    }

    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    async fn unless_cut<T>(&self, call: impl Future<Output = T>) -> T {
        if self.cut.is_cancelled() { pending().await } else { call.await }
    }
}

impl Store for Severed {
    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        self.unless_cut(self.store.renew(owner, ttl)).await
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        self.unless_cut(self.store.acquire(owner, lanes_max, ttl)).await
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        self.unless_cut(self.store.release(leases)).await
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        self.unless_cut(self.store.leave(owner)).await
    }

    async fn legacy(&self, lanes: &[Lane]) -> Result<Legacy, StoreError> {
        self.unless_cut(self.store.legacy(lanes)).await
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        self.unless_cut(self.store.fetch(look, budget)).await
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        self.unless_cut(self.store.due(look, budget)).await
    }

    async fn fetch_spilled(
        &self,
        lane: Lane,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        self.unless_cut(self.store.fetch_spilled(lane, key, after, upto, budget)).await
    }

    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        self.unless_cut(self.store.settle(changes)).await
    }

    async fn changed(&self) {
        self.unless_cut(self.store.changed()).await;
    }
}
