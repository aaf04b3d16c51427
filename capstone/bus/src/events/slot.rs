//! [`Slot`]: a registered handler with its options, and an event's way through them.
//!
//! An event that the filter wants waits for a turn; from there on the [pipeline](crate::pipeline::pipeline::Pipeline) has
//! it, and what has failed for good is put away.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, ready};
use tokio::time::Instant;

use super::cancel::Cancel;
use super::chain::{Chain, LinkId};
use super::dead_letter::{AnyLetter, DeadLetters};
use super::event::AnyEvent;
use super::handler::AnyHandler;
use super::{HandlerError, HandlerReport, Outcome, Skip};
use crate::base::caught::{self, Theirs, caught};
use crate::pipeline::filter::Filters;
use crate::pipeline::middleware::{Call, Cancelled, Innermost, Layers, Next};
use crate::pipeline::pipeline::{Ended, Pipeline};

/// What a handler is to be.
pub(crate) struct Spec {
    pub(crate) topic: &'static str,
    pub(crate) name: Arc<str>,
    pub(crate) priority: i32,
    pub(crate) filters: Filters<AnyEvent>,
    /// Inside of those that are around all handlers.
    pub(crate) layers: Layers<AnyEvent>,
    pub(crate) dead_letters: Option<DeadLetters>,
}

/// See the module.
pub(crate) struct Slot {
    pub(crate) id: LinkId,
    pub(crate) spec: Theirs<Spec>,
    handler: Theirs<AnyHandler>,
    pub(crate) pipeline: Pipeline,
    /// As in the spec, for the middlewares.
    topic: Arc<str>,
    /// Emissions that have begun still have the slot in their list.
    pub(crate) cancel: Cancel,
}

impl Slot {
    pub(crate) fn new(spec: Spec, handler: AnyHandler, pipeline: Pipeline) -> Self {
        let (id, topic, cancel) = (LinkId::next(), spec.topic.into(), Cancel::default());
        Self { id, spec: Theirs::new(spec), handler: Theirs::new(handler), pipeline, topic, cancel }
    }

    /// A report without a call.
    pub(crate) fn skip(&self, skip: Skip) -> HandlerReport {
        let outcome = Outcome::Skipped(skip);
        self.pipeline.counts.begin().settle(&outcome);
        self.report(outcome, 0, Duration::ZERO)
    }

    /// Does with the event what the options say, and never panics.
    pub(crate) async fn run(
        self: &Arc<Self>,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers<AnyEvent>,
    ) -> HandlerReport {
        let _entered = self.cancel.enter();
        let (tally, began) = (self.pipeline.counts.begin(), Instant::now());
        let ended = match self.pipeline.turn_down(&self.spec.filters, event) {
            Some(ended) => ended,
            None => self.handle(event, chain, layers).await,
        };
        if let Some(put_away) = self.put_away(event, chain, &ended) {
            put_away.await;
        }
        tally.settle(&ended.outcome);
        self.report(ended.outcome, ended.attempts, began.elapsed())
    }

    async fn handle(self: &Arc<Self>, event: &AnyEvent, chain: &Chain, layers: &Layers<AnyEvent>) -> Ended {
        let mut cancel = &self.cancel;
        // A call nested in another one of this handler runs in the turn of that one, which waits for it.
        let _turn = if chain.contains(self.id) {
            None
        } else {
            match self.pipeline.turn(&mut cancel).await {
                Ok(turn) => turn,
                Err(outcome) => return self.pipeline.ended_early(outcome),
            }
        };
        let layers = layers.around(&self.spec.layers);
        let mut inner = chain.clone().deeper(layers.len());
        if self.pipeline.has_turns() {
            inner = inner.with(self.id).in_front();
        }
        self.pipeline.run(&mut cancel, |attempt| self.call(event, &inner, &layers, attempt)).await
    }

    fn call(
        self: &Arc<Self>,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers<AnyEvent>,
        attempt: u32,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send + use<> {
        let (topic, handler) = (Arc::clone(&self.topic), Arc::clone(&self.spec.name));
        let call = Call { topic, handler, attempt, input: Arc::clone(event) };
        let next = Next::new(layers.clone(), Arc::clone(self) as _);
        let chain = if attempt > 1 { chain.clone().in_front() } else { chain.clone() };
        chain.scope(next.run(call))
    }

    /// Puts away what has failed, if the handler has a place for dead letters. Boxed, because most calls need none of it.
    fn put_away<'a>(&'a self, event: &AnyEvent, chain: &Chain, ended: &Ended) -> Option<BoxFuture<'a, ()>> {
        let dead_letters = self.spec.dead_letters.as_ref()?;
        let failure = ended.failure()?;
        let letter = AnyLetter { event: Arc::clone(event), handler: Arc::clone(&self.spec.name), failure };
        // One deeper, because it may emit too.
        let put_away = chain.clone().deeper(0).scope(async { dead_letters(letter).await });
        Some(Box::pin(async {
            // Twice, because its future and its error are dropped, too.
            let arrived =
                caught(async { matches!(caught(put_away).await.map_err(caught::text), Ok(Ok(()))) });
            match arrived.await.map_err(caught::text) {
                Ok(true) => self.pipeline.counts.dead_letters.add_one(),
                Ok(false) | Err(_) => self.pipeline.counts.dead_letters_lost.add_one(),
            }
        }))
    }

    fn report(&self, outcome: Outcome, attempts: u32, took: Duration) -> HandlerReport {
        let (handler, priority) = (Arc::clone(&self.spec.name), self.spec.priority);
        HandlerReport { handler, priority, outcome, attempts, took }
    }
}

impl Innermost<AnyEvent> for Slot {
    /// Asked once more, because a middleware may have had the call for a while.
    fn call(&self, event: AnyEvent) -> BoxFuture<'static, Result<(), HandlerError>> {
        if self.cancel.is_cancelled() {
            return Box::pin(ready(Err(Cancelled.into())));
        }
        (self.handler)(event)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("topic", &self.topic)
            .field("name", &self.spec.name)
            .finish_non_exhaustive()
    }
}
