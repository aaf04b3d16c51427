//! The way from a store to a sink.
//!
//! `core` decides and does nothing, `session` does and decides nothing; they speak in `event`s. `lanes`, `key`,
//! `turns`, `window`, `flush` and `breaker` are what the core remembers, `lease` is what the session holds. Start with [`Relay`].

mod awake;
mod breaker;
mod core;
mod event;
mod flush;
mod key;
mod lanes;
mod lease;
mod notice;
mod session;
#[cfg(test)]
mod tests;
mod turns;
mod window;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use tokio::sync::broadcast;
use tokio::time::Instant;

pub use crate::config::{ConfigError, Exhausted, RelayConfig, RetryConfig};
pub use notice::Notice;

use crate::sink::Sink;
use crate::store::{Owner, Store, StoreError};
use event::Counts;
use session::Session;

/// Notices that are kept for who is slow to take them.
const NOTICES_MAX: usize = 1_024;

/// Carries committed messages from a store to a sink, at least once, in order per key.
///
/// Several relays may share a store: each has its share of the lanes, and those without one stand by.
pub struct Relay<S: Store, K: Sink> {
    store: Arc<S>,
    sink: Arc<K>,
    config: RelayConfig,
    session: Option<Session<S, K>>,
    /// What earlier runs did.
    ended: Counts,
    progress: Arc<Progress>,
    notices: broadcast::Sender<Notice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    Stopped,
    Empty,
}

/// What a relay has done since it was made, for whoever shows it while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    published: AtomicU64,
    failed: AtomicU64,
}

/// What a relay did, once it has stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Messages that the sink took.
    pub published: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Keys that wait for an operator.
    pub parked: u64,
    /// Messages that became dead letters.
    pub buried: u64,
    /// What was under way ended before the drain deadline; if not, some of it will be published again.
    pub drained: bool,
}

/// Why a relay stopped by itself.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The store cannot be used any more.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sink takes nothing any more.
    #[error("the sink is closed: {0}")]
    SinkClosed(String),
}

impl<S: Store, K: Sink> Relay<S, K> {
    /// A relay that owns nothing yet.
    ///
    /// # Errors
    /// Settings that cannot work together.
    pub fn new(store: Arc<S>, sink: Arc<K>, config: RelayConfig) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            store,
            sink,
            config,
            session: None,
            ended: Counts::default(),
            progress: Arc::default(),
            notices: broadcast::Sender::new(NOTICES_MAX),
        })
    }

    /// Figures that can be read while the relay runs.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// What the relay meets from now on: keys in trouble, dead letters, lanes taken and lost, a sink that is down. Whoever is
    /// more than 1,024 behind misses the oldest, and is told how many.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Runs until `shutdown` is ready, then drains: what is under way is finished and acknowledged, the
    /// lanes given back.
    ///
    /// # Errors
    /// The store or the sink cannot be used any more. Nothing is lost: what was not acknowledged is in the
    /// store.
    ///
    /// # Cancel safety
    /// Dropping it loses nothing: what was in flight is published again, and the lanes are given back in the background, as
    /// long as the runtime lives. Prefer `shutdown`, which repeats nothing.
    pub async fn run(&mut self, shutdown: impl Future<Output = ()>) -> Result<Report, RelayError> {
        self.drive(shutdown, Until::Stopped).await
    }

    /// Like [`run`](Self::run), but also stops when everything committed so far in its lanes is published, buried or
    /// parked, and there is no other lane that it should take.
    ///
    /// # Errors
    /// Those of `run`.
    ///
    /// # Cancel safety
    /// That of `run`.
    pub async fn run_until_empty(
        &mut self,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Report, RelayError> {
        self.drive(shutdown, Until::Empty).await
    }

    async fn drive(
        &mut self,
        shutdown: impl Future<Output = ()>,
        until: Until,
    ) -> Result<Report, RelayError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let run = Run(self);
        let outcome = loop {
            let session = run.0.session.as_ref();
            if until == Until::Empty && session.is_some_and(|session| session.core().is_empty()) {
                break Ok(());
            }
            // `step` is cancel safe, and `shutdown` is only dropped once it is ready or the loop has ended.
            tokio::select! {
                biased;
                () = &mut shutdown => break Ok(()),
                step = run.0.step() => if let Err(error) = step { break Err(error) },
            }
        };
        let stopped = run.0.stop().await;
        // Why it had to stop matters more than what went wrong while it did.
        outcome.and(stopped)
    }

    /// Waits for one thing to happen and does what follows from it. The first step begins to take lanes.
    ///
    /// # Errors
    /// Those of `run`.
    ///
    /// # Cancel safety
    /// Cancel safe: call it again and nothing has been missed.
    pub async fn step(&mut self) -> Result<(), RelayError> {
        let session = self.session.get_or_insert_with(|| {
            let (store, sink) = (Arc::clone(&self.store), Arc::clone(&self.sink));
            // A name of its own: an earlier session of this relay may still be giving its lanes back.
            let owner = Owner::new(format!("pid {} {}", std::process::id(), crate::MessageId::generate()));
            Session::begin(store, sink, self.config.clone(), owner, self.notices.clone())
        });
        let outcome = session.step().await;
        self.progress.show(self.ended + session.counts());
        outcome
    }

    /// Drains and gives the lanes back.
    async fn stop(&mut self) -> Result<Report, RelayError> {
        let Some(session) = &mut self.session else { return Ok(self.ended.report(true)) };
        let drained = session.drain(Instant::now() + self.config.drain_deadline).await;
        let is_drained = session.core().is_drained();
        let left = session.leave().await;
        self.end_session();
        drained?;
        match left {
            Ok(()) => Ok(self.ended.report(is_drained)),
            Err(StoreError::Unavailable { store, reason }) => {
                tracing::warn!("cannot give the lanes back, they must expire: {store}: {reason}");
                Ok(self.ended.report(false))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn end_session(&mut self) {
        if let Some(session) = self.session.take() {
            self.ended = self.ended + session.counts();
            self.progress.show(self.ended);
        }
    }
}

/// A run that is dropped before its end takes its session with it: else that would keep its lanes and read none.
struct Run<'a, S: Store, K: Sink>(&'a mut Relay<S, K>);

impl<S: Store, K: Sink> Drop for Run<'_, S, K> {
    fn drop(&mut self) {
        self.0.end_session();
    }
}

impl Progress {
    /// Messages that the sink has taken so far.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// Attempts that have failed so far.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    fn show(&self, counts: Counts) {
        self.published.store(counts.published, Ordering::Relaxed);
        self.failed.store(counts.failed, Ordering::Relaxed);
    }
}

impl Counts {
    fn report(self, drained: bool) -> Report {
        let Self { published, failed, parked, buried } = self;
        Report { published, failed, parked, buried, drained }
    }
}
