//! [`Slot`]: a registered handler with its options, and what they do to a call.
//!
//! From the outside in: filter, concurrency, and then for each attempt rate, timeout, middleware, handler. The turn
//! under the concurrency is held over all attempts and the delays between them: so the limit bounds the events in hand.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::time::{Instant, sleep, timeout};

use super::chain::{Chain, LinkId};
use super::dead_letter::{AnyLetter, Undertaker};
use super::event::AnyEvent;
use super::handler::AnyHandler;
use super::line::{Gate, Line};
use super::middleware::{Call, Layers, Next};
use super::rate::{Admitted, Rate};
use super::stats::Counts;
use super::{HandlerReport, Outcome, Skip};
use crate::retry::Backoff;

/// Says whether the handler wants the event.
pub(crate) type AnyFilter = Box<dyn Fn(&AnyEvent) -> bool + Send + Sync>;

/// What can be chosen per handler.
pub(crate) struct Options {
    pub(crate) name: Arc<str>,
    pub(crate) priority: i32,
    pub(crate) filters: Vec<AnyFilter>,
    pub(crate) line: Arc<Line>,
    pub(crate) gate: Option<Gate>,
    pub(crate) rate: Option<Rate>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) backoff: Backoff,
    pub(crate) undertaker: Option<Undertaker>,
}

/// See the module.
pub(crate) struct Slot {
    pub(crate) id: LinkId,
    pub(crate) topic: &'static str,
    pub(crate) options: Options,
    pub(crate) counts: Counts,
    pub(crate) handler: AnyHandler,
    /// Emissions that have begun still have the slot in their list.
    cancelled: AtomicBool,
}

impl Slot {
    pub(crate) fn new(topic: &'static str, options: Options, handler: AnyHandler) -> Self {
        let (id, counts, cancelled) = (LinkId::next(), Counts::default(), AtomicBool::new(false));
        Self { id, topic, options, counts, handler, cancelled }
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// A report without a call.
    pub(crate) fn skip(&self, skip: Skip) -> HandlerReport {
        let outcome = Outcome::Skipped(skip);
        self.counts.begin().settle(&outcome);
        self.report(outcome, 0, Duration::ZERO)
    }

    /// Does with the event what the options say, and never panics.
    pub(crate) async fn run(&self, event: &AnyEvent, chain: &Chain, layers: &Layers) -> HandlerReport {
        let (tally, began) = (self.counts.begin(), Instant::now());
        let mut attempts = 0;
        // Around everything, because filters are not our code either.
        let guarded = AssertUnwindSafe(self.limited(event, chain, layers, &mut attempts)).catch_unwind();
        let outcome = guarded.await.unwrap_or_else(|payload| Outcome::panicked(&*payload));
        if outcome.is_failure() {
            self.bury(event, chain, &outcome, attempts).await;
        }
        tally.settle(&outcome);
        self.report(outcome, attempts, began.elapsed())
    }

    async fn limited(&self, event: &AnyEvent, chain: &Chain, layers: &Layers, attempts: &mut u32) -> Outcome {
        if !self.options.filters.iter().all(|wants| wants(event)) {
            return Outcome::Skipped(Skip::Filtered);
        }
        let mut inner = chain.clone().deeper();
        let mut _turn = None;
        if let Some(gate) = &self.options.gate {
            // A call nested in another one of this handler runs in the turn of that one, which waits for it.
            if !chain.contains(self.id) {
                match gate.pass(&self.options.line).await {
                    Ok(turn) => _turn = Some(turn),
                    Err(busy) => return Outcome::Err(busy.into()),
                }
            }
            inner = inner.with(self.id);
        }

        let mut failed = 0;
        let mut last = None;
        loop {
            let outcome = self.attempt(event, &inner, layers, attempts).await;
            // Cancelled, or over the rate, between two attempts: then the last failure is how it ended.
            if matches!(outcome, Outcome::Skipped(_)) {
                return last.unwrap_or(outcome);
            }
            if outcome.is_ok() {
                return outcome;
            }
            failed += 1;
            match self.options.backoff.delay(failed) {
                Some(delay) => sleep(delay).await,
                None => return outcome,
            }
            last = Some(outcome);
        }
    }

    async fn attempt(&self, event: &AnyEvent, chain: &Chain, layers: &Layers, attempts: &mut u32) -> Outcome {
        if let Some(rate) = &self.options.rate {
            match rate.admit(&self.options.line).await {
                Ok(Admitted::Yes) => {}
                Ok(Admitted::Dropped) => return Outcome::Skipped(Skip::RateLimited),
                Err(refused) => return Outcome::Err(refused.into()),
            }
        }
        if self.cancelled.load(Ordering::Relaxed) {
            return Outcome::Skipped(Skip::Cancelled);
        }
        *attempts += 1;
        let began = Instant::now();
        let outcome = self.call(event, chain, layers, *attempts).await;
        self.counts.called(began.elapsed());
        outcome
    }

    // ANCHOR: call
    async fn call(&self, event: &AnyEvent, chain: &Chain, layers: &Layers, attempt: u32) -> Outcome {
        let handler = Arc::clone(&self.options.name);
        let call = Call { topic: self.topic, handler, attempt, event: Arc::clone(event) };
        let next = Next::new(Arc::clone(layers), Arc::clone(&self.handler));
        let guarded = AssertUnwindSafe(chain.clone().scope(next.run(call))).catch_unwind();
        let ended = match self.options.timeout {
            Some(limit) => timeout(limit, guarded).await,
            None => Ok(guarded.await),
        };
        match ended {
            Ok(Ok(Ok(()))) => Outcome::Ok,
            Ok(Ok(Err(error))) => Outcome::Err(error),
            Ok(Err(payload)) => Outcome::panicked(&*payload),
            Err(_elapsed) => Outcome::TimedOut,
        }
    }
    // ANCHOR_END: call

    /// Puts the event away, if the handler has a place for dead letters.
    async fn bury(&self, event: &AnyEvent, chain: &Chain, outcome: &Outcome, attempts: u32) {
        let Some(undertaker) = &self.options.undertaker else { return };
        let (event, handler) = (Arc::clone(event), Arc::clone(&self.options.name));
        let letter = AnyLetter { event, handler, reason: outcome.to_string(), attempts };
        // One deeper, because it may emit too.
        let bury = chain.clone().deeper().scope(async { undertaker(letter).await });
        match AssertUnwindSafe(bury).catch_unwind().await {
            Ok(Ok(())) => self.counts.dead_letters.add_one(),
            Ok(Err(_)) | Err(_) => self.counts.dead_letters_lost.add_one(),
        }
    }

    fn report(&self, outcome: Outcome, attempts: u32, took: Duration) -> HandlerReport {
        let (handler, priority) = (Arc::clone(&self.options.name), self.options.priority);
        HandlerReport { handler, priority, outcome, attempts, took }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("topic", &self.topic)
            .field("name", &self.options.name)
            .finish_non_exhaustive()
    }
}
