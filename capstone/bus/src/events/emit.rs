//! Emitting: the classes one after another, the handlers of a class at the same time.
//!
//! # Why not a task for each handler?
//!
//! Handlers run in the task that emits. So an emission that is dropped takes its handlers along, as with any other
//! future; nothing is left running that nobody awaits; and no runtime is needed. Who wants a handler to run on another
//! core, or to outlive the caller, emits and forgets.

use std::any::TypeId;
use std::sync::Arc;

use futures::future::join_all;
use futures::{StreamExt, stream};

use super::chain::{Chain, DEPTH_MAX};
use super::event::AnyEvent;
use super::registry::Slots;
use super::{EmitReport, Event, Events, HandlerReport, LAYERS_MAX, Refused, Skip, Strategy};
use crate::base::caught;
use crate::pipeline::middleware::Layers;

impl Events {
    /// Calls all handlers of the event and waits for them; says what became of each.
    ///
    /// The handlers run in this task: classes one after another, the highest priority first, and those of a class at
    /// the same time. One that fails or panics disturbs no other, unless the [strategy](Strategy) says so. Handlers may
    /// emit in turn, and wait for it, [`DEPTH_MAX`] deep, and with at most [`LAYERS_MAX`] middlewares around all of them.
    ///
    /// A refused event is in the report too, and none of its handlers are called. An event that panics when it is dropped
    /// does not keep the report.
    ///
    /// # Panics
    ///
    /// A handler with a rate, a timeout or retries panics outside of a Tokio runtime with time enabled, and that is
    /// its outcome. Other handlers need no runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, nothing happens. Dropped later, the handlers that run are dropped at the `await`
    /// where they are, and those that have not begun never do. They count as `cancelled`, and leave no dead letter.
    pub async fn emit<E: Event>(&self, event: E) -> EmitReport {
        let event: AnyEvent = Arc::new(event);
        let report = self.emit_any(TypeId::of::<E>(), E::TOPIC, &event, Door::Shut).await;
        if caught::let_go(event).is_err() {
            self.shared.tasks.counts().panicked.add_one();
        }
        report
    }

    /// Emits one event after another, each when all handlers of the one before have ended; one report for each.
    ///
    /// # Panics
    ///
    /// When the iterator does.
    ///
    /// # Cancel safety
    ///
    /// The emission under way is dropped, as for [`emit`](Self::emit), and the events after it are not emitted.
    pub async fn emit_batch_sequential<E: Event>(
        &self,
        events: impl IntoIterator<Item = E>,
    ) -> Vec<EmitReport> {
        let mut reports = Vec::new();
        for event in events {
            reports.push(self.emit(event).await);
        }
        reports
    }

    /// Emits at most `concurrency` events at a time, beginning in order; one report for each, in the same order.
    ///
    /// The iterator is asked for the next event only when there is room for it.
    ///
    /// # Panics
    ///
    /// When `concurrency` is 0, or the iterator panics.
    ///
    /// # Cancel safety
    ///
    /// The emissions under way are dropped, as for [`emit`](Self::emit), and the events after them are not emitted.
    // ANCHOR: batch-concurrent
    pub async fn emit_batch_concurrent<E: Event>(
        &self,
        events: impl IntoIterator<Item = E>,
        concurrency: usize,
    ) -> Vec<EmitReport> {
        assert!(concurrency > 0, "a batch with concurrency 0 would never end");
        let emit = |(number, event)| async move { (number, self.emit(event).await) };
        let emissions = stream::iter(events.into_iter().enumerate().map(emit));
        let mut reports: Vec<_> = emissions.buffer_unordered(concurrency).collect().await;
        reports.sort_unstable_by_key(|(number, _)| *number);
        reports.into_iter().map(|(_, report)| report).collect()
    }
    // ANCHOR_END: batch-concurrent

    pub(crate) async fn emit_any(
        &self,
        of: TypeId,
        topic: &'static str,
        event: &AnyEvent,
        door: Door,
    ) -> EmitReport {
        // In front, so that a task that does nothing but emit lets others run, and nothing has begun yet.
        tokio::task::consume_budget().await;
        let (chain, slots, layers) = (Chain::current(), self.shared.registry.of(of), self.shared.layers());
        // Begun before it looks: a shutdown that this does not see closes later, and then waits for it.
        let comes_in = door == Door::Shut && chain.depth() == 0;
        let _awaited = comes_in.then(|| self.shared.tasks.awaited());
        let refused = if comes_in && self.is_closed() {
            Some(Refused::Closed)
        } else {
            let own = slots.iter().map(|slot| slot.spec.layers.len()).max().unwrap_or(0);
            too_deep(&chain, layers.len() + own)
        };
        if let Some(refused) = refused {
            let handlers = slots.iter().map(|slot| slot.skip(Skip::Refused)).collect();
            return EmitReport { topic, handlers, refused: Some(refused) };
        }
        let handlers = self.run_classes(&slots, event, &chain, &layers).await;
        EmitReport { topic, handlers, refused: None }
    }

    async fn run_classes(
        &self,
        slots: &Slots,
        event: &AnyEvent,
        chain: &Chain,
        layers: &Layers<AnyEvent>,
    ) -> Vec<HandlerReport> {
        let mut reports: Vec<HandlerReport> = Vec::with_capacity(slots.len());
        let mut stopped = false;
        for class in slots.chunk_by(|a, b| a.spec.priority == b.spec.priority) {
            if stopped {
                reports.extend(class.iter().map(|slot| slot.skip(Skip::Stopped)));
                continue;
            }
            let ended = join_all(class.iter().map(|slot| slot.run(event, chain, layers))).await;
            stopped = self.strategy == Strategy::StopOnError && ended.iter().any(|r| r.outcome.is_failure());
            reports.extend(ended);
        }
        reports
    }
}

fn too_deep(chain: &Chain, layers: usize) -> Option<Refused> {
    if chain.depth() >= DEPTH_MAX {
        return Some(Refused::TooDeep);
    }
    (chain.layers() + layers > LAYERS_MAX).then_some(Refused::TooManyLayers)
}

/// Whether an event may enter after the registry was closed. Inside of a handler it may: while the registry drains, what
/// a handler emits is part of what drains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Shut,
    /// It was accepted before, and is part of what drains.
    Ajar,
}
