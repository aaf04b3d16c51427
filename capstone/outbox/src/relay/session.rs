//! Does what the core decides, and tells it what came of it: from the first lane that is taken to the stop.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, OptionFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, future};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::RelayError;
use super::awake::Awake;
use super::core::Core;
use super::event::{Counts, Effect, Input, Published, Refill};
use super::lease::Keeper;
use super::notice::Notice;
use crate::config::RelayConfig;
use crate::failpoint::{self, Point};
use crate::message::Envelope;
use crate::sink::{Attempt, Sink, SinkError};
use crate::store::{Fetched, Lane, Owner, Store, StoreError};

/// Pauses between attempts at a store that is unavailable.
const STORE_PAUSE_MIN: Duration = Duration::from_millis(50);
const STORE_PAUSE_MAX: Duration = Duration::from_secs(5);

/// A relay looks at least so often, whatever its settings say.
const LOOK_MAX: Duration = Duration::from_secs(10);

/// Publishes whose results are taken in before anything else is looked at again.
const RESULTS_AT_ONCE: usize = 256;

/// Every future here owns what it needs and is kept across steps, so that dropping a step drops none of them.
pub(super) struct Session<S, K> {
    store: Arc<S>,
    sink: Arc<K>,
    config: RelayConfig,
    keeper: Keeper,
    core: Core,
    publishing: FuturesUnordered<BoxFuture<'static, Published>>,
    /// Reads under way: one fetch, one of what is due, and some of single keys.
    reading: FuturesUnordered<BoxFuture<'static, Result<Input, StoreError>>>,
    settling: Option<BoxFuture<'static, Result<Input, StoreError>>>,
    changed: BoxFuture<'static, ()>,
    poll_at: Instant,
    notices: broadcast::Sender<Notice>,
    /// When the store was last asked which lanes are ours.
    asked: Awake,
}

impl<S: Store, K: Sink> Session<S, K> {
    /// Takes no lane yet: that is what the keeper does from now on.
    pub(super) fn begin(
        store: Arc<S>,
        sink: Arc<K>,
        config: RelayConfig,
        owner: Owner,
        notices: broadcast::Sender<Notice>,
    ) -> Self {
        let now = Instant::now();
        let core = Core::new(config.clone(), fastrand::u64(..), store.lanes(), store.commits_late(), now);
        let keeper = Keeper::start(Arc::clone(&store), owner, &config);
        let changed = watch(&store);
        let (publishing, reading) = (FuturesUnordered::new(), FuturesUnordered::new());
        let settling = None;
        Self {
            store,
            sink,
            config,
            keeper,
            core,
            publishing,
            reading,
            settling,
            changed,
            poll_at: now,
            notices,
            asked: Awake::now(),
        }
    }

    /// Waits for one thing to happen and does what follows from it.
    ///
    /// Cancel safe: what it waits for is kept in the session, and nothing awaits after something has happened.
    pub(super) async fn step(&mut self) -> Result<(), RelayError> {
        let due = self.core.next_due(Instant::now()).filter(|_| !self.has_slept());
        let wake_at = due.map_or(self.poll_at, |due| due.min(self.poll_at));
        // ANCHOR: step
        // Each branch only waits on what the session keeps, so a branch that loses has lost nothing.
        tokio::select! {
            Some(result) = self.publishing.next() => self.published(result)?,
            Some(read) = self.reading.next() => {
                let input = read?;
                self.handle(input);
            }
            Some(settled) = OptionFuture::from(self.settling.as_mut()) => {
                self.settling = None;
                let input = settled?;
                self.handle(input);
            }
            () = self.changed.as_mut() => {
                self.changed = watch(&self.store);
                self.handle(Input::Wake);
            }
            told = self.keeper.changed() => {
                if let Some((tenure, asked)) = told? {
                    self.asked = asked;
                    self.handle(Input::Tenure(tenure));
                }
            }
            () = sleep_until(wake_at) => self.tick(),
        }
        // ANCHOR_END: step
        Ok(())
    }

    /// Starts nothing new, waits for what is under way, at most until `deadline`. What is left then stays in
    /// the store and is published again.
    pub(super) async fn drain(&mut self, deadline: Instant) -> Result<(), RelayError> {
        self.handle(Input::Stop);
        while !self.core.is_drained() && Instant::now() < deadline {
            let step = future::select(Box::pin(self.step()), Box::pin(sleep_until(deadline))).await;
            if let future::Either::Left((Err(error), _)) = step {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Ends the renewal and gives the lanes back.
    pub(super) async fn leave(&mut self) -> Result<(), StoreError> {
        self.keeper.stop().await
    }

    pub(super) fn core(&self) -> &Core {
        &self.core
    }

    pub(super) fn counts(&self) -> Counts {
        self.core.counts
    }

    /// Takes in what has come at once: the core is told of all of it before it begins a flush.
    fn published(&mut self, first: Published) -> Result<(), RelayError> {
        let mut results = vec![first];
        while results.len() < RESULTS_AT_ONCE
            && let Some(Some(next)) = self.publishing.next().now_or_never()
        {
            results.push(next);
        }
        let closed = results.iter().find_map(|(_, outcome)| match outcome {
            Err(SinkError::Closed(reason)) => Some(reason.clone()),
            _ => None,
        });
        self.handle(Input::Published(results));
        closed.map_or(Ok(()), |reason| Err(RelayError::SinkClosed(reason)))
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if now < self.poll_at {
            return self.handle(Input::Tick);
        }
        // A quarter of jitter: several relays on one machine should not look at the same moment.
        self.poll_at = now + self.poll().mul_f64(0.75 + fastrand::f64() / 4.0);
        self.handle(Input::Wake);
        self.store.full(&self.core.waiting_for_room());
    }

    /// The longest pause between two looks. Where the renewals tell of every commit, and soon enough, a look is for what they miss.
    fn poll(&self) -> Duration {
        let is_told = self.store.renewals_tell() && self.config.lease_renew <= self.config.idle_poll;
        if is_told { LOOK_MAX } else { self.config.idle_poll.min(LOOK_MAX) }
    }

    fn has_slept(&self) -> bool {
        self.asked.has_slept(self.config.lease_margin)
    }

    fn handle(&mut self, input: Input) {
        let was_paused = self.core.is_paused();
        let mut effects = Vec::new();
        if self.has_slept() {
            // The lease may have ended: nothing is published until a renewal that began after that.
            self.core.slept();
        }
        self.core.handle(Instant::now(), input, &mut effects);
        match (was_paused, self.core.is_paused()) {
            (false, true) => tracing::warn!("an operator has paused the outbox: nothing is published"),
            (true, false) => tracing::info!("the outbox goes on"),
            _ => {}
        }
        for effect in effects {
            self.start(effect);
        }
    }

    fn start(&mut self, effect: Effect) {
        let store = Arc::clone(&self.store);
        match effect {
            Effect::Publish(envelope, attempt) => {
                let publish = publish(Arc::clone(&self.sink), envelope, attempt, self.config.publish_timeout);
                self.publishing.push(publish.boxed());
            }
            Effect::Open(leases) => self.reading.push(Box::pin(async move {
                let lanes: Vec<Lane> = leases.iter().map(|lease| lease.lane).collect();
                let legacy = patiently("read how the lanes were left", || store.legacy(&lanes)).await?;
                Ok(Input::Opened(leases, legacy))
            })),
            Effect::Close(leases) => self.keeper.give_up(&leases),
            Effect::Fetch(look, budget) => self.reading.push(Box::pin(async move {
                failpoint::pass(Point::BeforeFetch);
                let fetched = patiently("fetch", || store.fetch(&look, budget)).await?;
                failpoint::pass(Point::Fetched);
                Ok(Input::Fetched(look, budget, fetched))
            })),
            Effect::Due(leases, look, budget) => self.reading.push(Box::pin(async move {
                let due = patiently("read what is due", || store.due(&look, budget)).await?;
                Ok(Input::Due(leases, budget, due))
            })),
            Effect::Refill(refill) => self.reading.push(Box::pin(async move {
                let fetched = patiently("fetch", || read(&*store, &refill)).await?;
                Ok(Input::Refilled(refill, fetched))
            })),
            Effect::Settle(changes) => {
                self.settling = Some(Box::pin(async move {
                    failpoint::pass(Point::BeforeSettle);
                    let settled = patiently("acknowledge", || store.settle(&changes)).await?;
                    failpoint::pass(Point::Settled);
                    Ok(Input::Settled(changes, settled))
                }));
            }
            Effect::Tell(notice) => {
                notice.log();
                // Nobody may listen.
                drop(self.notices.send(notice));
            }
        }
    }
}

async fn read<S: Store>(store: &S, refill: &Refill) -> Result<Fetched, StoreError> {
    let Refill { lease, ident, after, upto, budget } = refill;
    let key = ident.key().expect("only keys have more rows than their share");
    store.fetch_spilled(*lease, key, *after, *upto, *budget).await
}

fn watch<S: Store>(store: &Arc<S>) -> BoxFuture<'static, ()> {
    let store = Arc::clone(store);
    Box::pin(async move { store.changed().await })
}

/// A panic is one message's failure, not the relay's; a timeout is a failure whose outcome is unknown.
async fn publish<K: Sink>(sink: Arc<K>, envelope: Arc<Envelope>, number: u32, limit: Duration) -> Published {
    failpoint::pass(Point::BeforePublish);
    failpoint::taste(&envelope.topic);
    let attempt = Attempt::new(number, Instant::now() + limit);
    let publish = timeout_at(attempt.deadline, sink.publish(&envelope, attempt));
    let outcome = match AssertUnwindSafe(publish).catch_unwind().await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_elapsed)) => Err(SinkError::TimedOut(format!("no answer within {limit:?}"))),
        Err(panic) => {
            Err(SinkError::Retryable(format!("the sink panicked: {}", crate::panic_text(panic.as_ref()))))
        }
    };
    failpoint::pass(Point::Published);
    (envelope, outcome)
}

/// Tries until the store is there again: giving up would not make anything better.
async fn patiently<T, F>(what: &str, mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = STORE_PAUSE_MIN;
    loop {
        match attempt().await {
            Err(StoreError::Unavailable { store, reason }) => {
                tracing::warn!("cannot {what}, trying again in {pause:?}: {store}: {reason}");
                sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                pause = (pause * 2).min(STORE_PAUSE_MAX);
            }
            outcome => return outcome,
        }
    }
}
