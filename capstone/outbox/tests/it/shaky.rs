//! A store behind a bad connection: each call takes a while, and some fail before or after they have done their work. And one behind a
//! connection that is cut.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::store::{
    Budget, Changes, Due, DueLook, Fetched, Lane, Lease, Legacy, Look, Owner, Renewed, Settled, Store,
    StoreError,
};
use capstone_outbox::{Seq, StoreError::Unavailable};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::support::ms;

pub(crate) struct Shaky {
    pub(crate) store: Arc<MemoryStore>,
    /// `None`: it works at once.
    random: Option<Mutex<fastrand::Rng>>,
    cut: CancellationToken,
}

impl Shaky {
    pub(crate) fn new(store: MemoryStore, random: fastrand::Rng) -> Self {
        Self { random: Some(Mutex::new(random)), ..Self::steady(&Arc::new(store)) }
    }

    /// One that works until it is cut.
    pub(crate) fn steady(store: &Arc<MemoryStore>) -> Self {
        Self { store: Arc::clone(store), random: None, cut: CancellationToken::new() }
    }

    /// Nothing of who uses it arrives any more, as when a process was killed.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        if self.cut.is_cancelled() {
            pending().await
        }
        let Some(random) = &self.random else { return call.await };
        let (before, after, fails) = {
            let mut random = random.lock().unwrap();
            (random.u64(0..20), random.u64(0..20), random.u32(0..40))
        };
        let error = || Unavailable { store: "shaky".into(), reason: "the connection is gone".into() };
        sleep(ms(before)).await;
        if fails == 0 {
            return Err(error());
        }
        let answer = call.await;
        sleep(ms(after)).await;
        if fails == 1 { Err(error()) } else { answer }
    }
}

impl Store for Shaky {
    fn lanes(&self) -> u16 {
        self.store.lanes()
    }

    fn commits_late(&self) -> bool {
        self.store.commits_late()
    }

    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        self.call(self.store.renew(owner, ttl)).await
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        self.call(self.store.acquire(owner, lanes_max, ttl)).await
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        self.call(self.store.release(leases)).await
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        self.call(self.store.leave(owner)).await
    }

    async fn legacy(&self, lanes: &[Lane]) -> Result<Legacy, StoreError> {
        self.call(self.store.legacy(lanes)).await
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        self.call(self.store.fetch(look, budget)).await
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        self.call(self.store.due(look, budget)).await
    }

    async fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        self.call(self.store.fetch_spilled(lease, key, after, upto, budget)).await
    }

    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        self.call(self.store.settle(changes)).await
    }

    async fn changed(&self) {
        self.store.changed().await;
    }
}
