//! [`Slot`]: a registered handler with its options, and what they do to a call.
//!
//! From the outside in: filter, concurrency, and then for each attempt rate, timeout, middleware, handler. The turn
//! under the concurrency is held over all attempts and the delays between them: so the limit bounds the events in hand.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

use super::cancel::{Cancel, Cancelled};
use super::chain::{Chain, LinkId};
use super::dead_letter::{AnyLetter, Undertaker};
use super::event::AnyEvent;
use super::handler::AnyHandler;
use super::line::{Gate, Line};
use super::middleware::{Call, Layers, Next};
use super::rate::{Admitted, Rate};
use super::stats::Counts;
use super::{HandlerReport, LimitError, Outcome, Skip};
use crate::base::caught::{self, Theirs, caught};
use crate::pipeline::retry::Backoff;

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
    pub(crate) options: Theirs<Options>,
    pub(crate) counts: Counts,
    pub(crate) handler: Theirs<AnyHandler>,
    /// Emissions that have begun still have the slot in their list.
    pub(crate) cancel: Cancel,
}

impl Slot {
    pub(crate) fn new(topic: &'static str, options: Options, handler: AnyHandler) -> Self {
        let (id, counts, cancel) = (LinkId::next(), Counts::default(), Cancel::default());
        Self { id, topic, options: Theirs::new(options), counts, handler: Theirs::new(handler), cancel }
    }

    /// A report without a call.
    pub(crate) fn skip(&self, skip: Skip) -> HandlerReport {
        let outcome = Outcome::Skipped(skip);
        self.counts.begin().settle(&outcome);
        self.report(outcome, 0, Duration::ZERO)
    }

    /// Does with the event what the options say, and never panics.
    pub(crate) async fn run(
        self: &Arc<Self>,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers,
    ) -> HandlerReport {
        let _entered = self.cancel.enter();
        let (tally, began) = (self.counts.begin(), Instant::now());
        let mut attempts = 0;
        // Around everything, because filters are not our code either, nor is what a future does when it is dropped.
        let limited = caught(self.limited(event, chain, layers, &mut attempts)).await;
        let outcome = limited.unwrap_or_else(Outcome::panicked);
        if outcome.is_failure()
            && let Some(bury) = self.bury(event, chain, &outcome, attempts)
        {
            bury.await;
        }
        tally.settle(&outcome);
        self.report(outcome, attempts, began.elapsed())
    }

    async fn limited(
        self: &Arc<Self>,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers,
        attempts: &mut u32,
    ) -> Outcome {
        if !self.options.filters.iter().all(|wants| wants(event)) {
            return Outcome::Skipped(Skip::Filtered);
        }
        // A call nested in another one of this handler runs in the turn of that one, which waits for it.
        let gate = self.options.gate.as_ref().filter(|_| !chain.contains(self.id));
        let _turn = match gate.map(|gate| (gate, gate.try_pass())) {
            None => None,
            Some((_, Some(turn))) => Some(turn),
            Some((gate, None)) => match self.cancel.unless(gate.pass(&self.options.line)).await {
                Some(Ok(turn)) => Some(turn),
                Some(Err(busy)) => return Outcome::Err(busy.into()),
                None => return Outcome::Skipped(Skip::Cancelled),
            },
        };
        let mut inner = chain.clone().deeper(layers.len());
        if self.options.gate.is_some() {
            inner = inner.with(self.id).in_front();
        }

        let mut failed = 0;
        let mut last = None;
        loop {
            let outcome = self.attempt(event, &inner, layers, attempts).await;
            // Cancelled, or over the rate, between two attempts: then the last failure is how it ended.
            if matches!(outcome, Outcome::Skipped(_)) {
                return last.unwrap_or(outcome);
            }
            let _panic = caught::let_go(last.take());
            if outcome.is_ok() {
                return outcome;
            }
            failed += 1;
            let Some(delay) = self.options.backoff.delay(failed) else { return outcome };
            if self.cancel.unless(sleep(delay)).await.is_none() {
                return outcome;
            }
            if *attempts > 0 {
                inner = inner.in_front();
            }
            last = Some(outcome);
        }
    }

    async fn attempt(
        self: &Arc<Self>,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers,
        attempts: &mut u32,
    ) -> Outcome {
        match self.options.rate.as_ref().map(|rate| (rate, rate.admit())) {
            None | Some((_, Admitted::Yes)) => {}
            Some((_, Admitted::Dropped)) => return Outcome::Skipped(Skip::RateLimited),
            Some((_, Admitted::Refused)) => return Outcome::Err(LimitError::RateLimited.into()),
            Some((rate, Admitted::Later)) => {
                let line = (!chain.is_in_front()).then_some(&*self.options.line);
                match self.cancel.unless(rate.wait(line)).await {
                    Some(Ok(())) => {}
                    Some(Err(busy)) => return Outcome::Err(busy.into()),
                    None => return Outcome::Skipped(Skip::Cancelled),
                }
            }
        }
        if self.cancel.is_cancelled() {
            return Outcome::Skipped(Skip::Cancelled);
        }
        *attempts += 1;
        let began = Instant::now();
        let outcome = self.call(event, chain, layers, *attempts).await;
        if let Outcome::Skipped(_) = outcome {
            *attempts -= 1;
        } else {
            self.counts.called(began.elapsed());
        }
        outcome
    }

    // ANCHOR: call
    async fn call(
        self: &Arc<Self>,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers,
        attempt: u32,
    ) -> Outcome {
        let handler = Arc::clone(&self.options.name);
        let call = Call { topic: self.topic, handler, attempt, event: Arc::clone(event) };
        let next = Next::new(Arc::clone(layers), Arc::clone(self));
        let guarded = caught(chain.clone().scope(next.run(call)));
        let ended = match self.options.timeout {
            Some(limit) => timeout(limit, guarded).await,
            None => Ok(guarded.await),
        };
        match ended {
            Ok(Ok(Ok(()))) => Outcome::Ok,
            Ok(Ok(Err(error))) if error.is::<Cancelled>() => Outcome::Skipped(Skip::Cancelled),
            Ok(Ok(Err(error))) => Outcome::Err(error),
            Ok(Err(payload)) => Outcome::panicked(payload),
            Err(_elapsed) => Outcome::TimedOut,
        }
    }
    // ANCHOR_END: call

    /// Puts the event away, if the handler has a place for dead letters. Boxed, because most calls need none of it.
    fn bury<'a>(
        &'a self,
        event: &AnyEvent,
        chain: &Chain,
        outcome: &Outcome,
        attempts: u32,
    ) -> Option<BoxFuture<'a, ()>> {
        let undertaker = self.options.undertaker.as_ref()?;
        let (event, handler) = (Arc::clone(event), Arc::clone(&self.options.name));
        let letter = AnyLetter { event, handler, reason: caught::shown(outcome), attempts };
        // One deeper, because it may emit too.
        let bury = chain.clone().deeper(0).scope(async { undertaker(letter).await });
        Some(Box::pin(async {
            // Twice, because its future and its error are dropped, too.
            let buried = caught(async { matches!(caught(bury).await.map_err(caught::text), Ok(Ok(()))) });
            match buried.await.map_err(caught::text) {
                Ok(true) => self.counts.dead_letters.add_one(),
                Ok(false) | Err(_) => self.counts.dead_letters_lost.add_one(),
            }
        }))
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
