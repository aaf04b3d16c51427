//! Keeps the lanes: a task of its own says that the relay is alive, renews, takes its share and gives back what is
//! above it. At its end it gives back everything, also when its relay was dropped.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::awake::Awake;
use super::event::Tenure;
use crate::config::RelayConfig;
use crate::failpoint::{self, Point};
use crate::store::{Lease, Owner, Store, StoreError};

/// What the task has found out last.
type Told = Result<Option<(Tenure, Awake)>, StoreError>;

/// How long the task tries to give the lanes back when nobody waits for it.
const LEAVING: Duration = Duration::from_secs(5);

/// Owns the task. Dropping it tells the task to give everything back and to end; it does so in the background.
pub(super) struct Keeper {
    told: watch::Receiver<Told>,
    /// Leases to give back; of each lane the newest.
    given_up: watch::Sender<Vec<Lease>>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), StoreError>>,
}

impl Keeper {
    // ANCHOR: owned-task
    pub(super) fn start<S: Store>(store: Arc<S>, owner: Owner, config: &RelayConfig) -> Self {
        let (tell, told) = watch::channel(Ok(None));
        let (given_up, mut to_give_up) = watch::channel(Vec::new());
        let (config, stop) = (config.clone(), CancellationToken::new());
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            while !stopped.is_cancelled() {
                let surplus = to_give_up.borrow_and_update().clone();
                // Not interrupted: lanes that are just being taken could not be given back.
                match renew(&*store, &owner, &config, &surplus).await {
                    Ok(Some(tenure)) => drop(tell.send_replace(Ok(Some(tenure)))),
                    // The leases may still be ours: the next renewal, or their end, will tell.
                    Ok(None) => {}
                    Err(error) => {
                        drop(tell.send_replace(Err(error)));
                        break;
                    }
                }
                // All of them only wait, and what is to be given up is kept in the channel.
                tokio::select! {
                    () = sleep(config.lease_renew) => {}
                    Ok(()) = to_give_up.changed() => {}
                    () = stopped.cancelled() => {}
                }
            }
            failpoint::pass(Point::LeaseBeforeRelease);
            let left = timeout(LEAVING, store.leave(&owner)).await;
            failpoint::pass(Point::LeaseReleased);
            left.unwrap_or_else(|_| Err(unanswered()))
        });
        Self { told, given_up, stop, task }
    }

    /// Returns what the store has said about the lanes, and when it was asked.
    ///
    /// Cancel safe: it only waits.
    pub(super) async fn changed(&mut self) -> Result<Option<(Tenure, Awake)>, StoreError> {
        if self.told.changed().await.is_err() {
            return Err(panicked());
        }
        self.told.borrow_and_update().clone()
    }

    /// Gives the lanes back, at once or as soon as the store is there.
    pub(super) fn give_up(&self, leases: &[Lease]) {
        self.given_up.send_if_modified(|given_up| {
            let is_new = leases.iter().any(|lease| !given_up.contains(lease));
            given_up.retain(|old| leases.iter().all(|new| new.lane != old.lane));
            given_up.extend(leases);
            is_new
        });
    }

    /// Gives everything back and waits for the end of the task, which takes nothing any more.
    ///
    /// Cancel safe: dropped, the task goes on to its end.
    pub(super) async fn stop(&mut self) -> Result<(), StoreError> {
        self.stop.cancel();
        (&mut self.task).await.unwrap_or_else(|_| Err(panicked()))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
// ANCHOR_END: owned-task

fn panicked() -> StoreError {
    let reason = "the task that renews the leases has panicked".to_owned();
    StoreError::Unusable { store: "relay".into(), reason }
}

fn unanswered() -> StoreError {
    let reason = format!("the lanes could not be given back within {LEAVING:?}");
    StoreError::Unavailable { store: "relay".into(), reason }
}

async fn renew<S: Store>(
    store: &S,
    owner: &Owner,
    config: &RelayConfig,
    surplus: &[Lease],
) -> Result<Option<(Tenure, Awake)>, StoreError> {
    let ttl = config.lease_ttl;
    // Taken before asking: the store's clock starts counting later, so ours ends first.
    let (asked, valid_until) = (Awake::now(), Instant::now() + ttl);
    let Some(mut renewed) = tolerate("renew the leases", store.renew(owner, ttl).await)? else {
        return Ok(None);
    };
    failpoint::pass(Point::LeaseRenewed);
    let (surplus, mut leases): (Vec<Lease>, Vec<Lease>) =
        renewed.leases.iter().copied().partition(|lease| surplus.contains(lease));
    // What was renewed is certain, whatever becomes of the rest: the next turn tries it again.
    if !surplus.is_empty() {
        tolerate("give lanes back", store.release(&surplus).await)?;
    }
    let share = store.lanes().div_ceil(renewed.relays.max(1));
    let missing = share.saturating_sub(u16::try_from(leases.len()).unwrap_or(u16::MAX));
    let taken = match missing {
        0 => Some(Vec::new()),
        _ => tolerate("take lanes", store.acquire(owner, missing, ttl).await)?,
    };
    failpoint::pass(Point::LeaseTaken);
    if taken.as_ref().is_some_and(|taken| !taken.is_empty()) {
        // What operators want of the lanes that were just taken.
        let Some(again) = tolerate("renew the leases", store.renew(owner, ttl).await)? else {
            return Ok(None);
        };
        renewed = again;
    }
    // Either it has its share, or the store has no more for it.
    let is_complete = taken.is_some();
    leases.extend(taken.into_iter().flatten());
    let may_publish_until = valid_until - config.publish_timeout - config.lease_margin;
    let (commands, is_paused) = (renewed.commands, renewed.is_paused);
    let tenure = Tenure { leases, share: share.into(), is_complete, commands, is_paused, may_publish_until };
    Ok(Some((tenure, asked)))
}

/// `None`: it did not work for now.
fn tolerate<T>(what: &str, outcome: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Unavailable { store, reason }) => {
            tracing::warn!("cannot {what}: {store}: {reason}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
