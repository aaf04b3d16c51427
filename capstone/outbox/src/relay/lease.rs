//! Keeps the lane: a task of its own renews the lease, so that no amount of work can make it late.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::config::RelayConfig;
use crate::failpoint::{self, Point};
use crate::store::{Lease, Owner, Store, StoreError};

/// Owns the renewing task. Dropping it ends the renewal; the lease then expires by itself.
pub(super) struct Keeper {
    pub(super) lease: Lease,
    /// Until when the lease is certainly ours, by this process's clock; `None` once it is lost.
    valid_until: watch::Receiver<Option<Instant>>,
    task: JoinHandle<()>,
}

impl Keeper {
    /// Tries once to take the lane.
    pub(super) async fn acquire<S: Store>(
        store: &Arc<S>,
        owner: &Owner,
        config: &RelayConfig,
    ) -> Result<Option<Self>, StoreError> {
        // Taken before asking: the store's clock starts counting later, so ours ends first.
        let asked = Instant::now();
        let Some(lease) = store.acquire(owner, 1, config.lease_ttl).await?.pop() else { return Ok(None) };
        failpoint::pass(Point::LeaseTaken);
        Ok(Some(Self::start(Arc::clone(store), owner.clone(), lease, asked, config)))
    }

    /// Returns when the lease was renewed (its new end), or is lost (`None`).
    ///
    /// Cancel safe: it only waits.
    pub(super) async fn changed(&mut self) -> Option<Instant> {
        if self.valid_until.changed().await.is_err() {
            // The task has ended without a word: it panicked, and nobody renews any more.
            return None;
        }
        *self.valid_until.borrow_and_update()
    }

    pub(super) fn valid_until(&self) -> Option<Instant> {
        *self.valid_until.borrow()
    }

    // ANCHOR: owned-task
    fn start<S: Store>(
        store: Arc<S>,
        owner: Owner,
        lease: Lease,
        asked: Instant,
        config: &RelayConfig,
    ) -> Self {
        let (ttl, every) = (config.lease_ttl, config.lease_renew);
        let (validity, valid_until) = watch::channel(Some(asked + ttl));
        let task = tokio::spawn(async move {
            loop {
                sleep(every).await;
                let asked = Instant::now();
                let renewed = store.renew(&owner, ttl).await;
                failpoint::pass(Point::LeaseRenewed);
                match renewed {
                    Ok(renewed) if renewed.leases.contains(&lease) => {
                        validity.send_replace(Some(asked + ttl))
                    }
                    Ok(_) => break,
                    // The lease may still be ours: the next renewal, or its end, will tell.
                    Err(error) => {
                        tracing::warn!(%error, "cannot renew the lease");
                        continue;
                    }
                };
            }
            validity.send_replace(None);
        });
        Self { lease, valid_until, task }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}
// ANCHOR_END: owned-task
