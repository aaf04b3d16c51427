//! What the task of a handler does: take a message, run it through the pipeline, put it away if it has failed for good,
//! again.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::base::caught::{self, caught};
use crate::handler::registration::Registration;
use crate::mailbox::keyed::InFlight;
use crate::pipeline::filter::Filters;
use crate::pipeline::middleware::{Call, Innermost, Layers, Next};
use crate::pipeline::outcome::{Outcome, Skip};
use crate::pipeline::pipeline::Ended;
use crate::publish::reentry;
use crate::shared::handlers::{Control, Stop, Stopping};
use crate::{Delivery, HandlerError, Subscription};

/// Shared by the workers of one handler.
pub(crate) struct Work<H> {
    pub(crate) handler: H,
    pub(crate) subscription: Arc<Subscription>,
    pub(crate) registration: Registration,
    /// For the middlewares.
    pub(crate) name: Arc<str>,
    pub(crate) layers: Layers<Delivery>,
    pub(crate) filters: Filters<Delivery>,
    pub(crate) dead_letter: bool,
    /// A mailbox wakes one task, so the workers queue up in front of it, and one of them waits for it.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Whether there is one worker only, whose wait for a place in its own mailbox could never end.
    pub(crate) alone: bool,
}

impl<H, F> Work<H>
where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    /// Ends when the handler is to stop, or the bus is closed and everything queued was handled.
    ///
    /// # Why is the whole turn caught?
    ///
    /// A message, an error and a future run code of the application when they are dropped, too. A worker that ended of it
    /// would leave a mailbox behind that nobody reads.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut stopping = self.control().stopping();
        let mut in_flight = self.subscription.in_flight();
        loop {
            let turn = caught(self.turn(in_flight.as_mut(), &mut stopping)).await;
            // Now, because the next message of its key may be what another worker waits for.
            in_flight.iter_mut().for_each(InFlight::finish);
            match turn {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return,
                Err(payload) => {
                    let _text = caught::text(payload);
                    self.control().pipeline.counts.panicked.add_one();
                }
            }
        }
    }

    /// Takes a message and settles it; a break when there will be none.
    async fn turn(
        self: &Arc<Self>,
        in_flight: Option<&mut InFlight>,
        stopping: &mut Stopping,
    ) -> ControlFlow<()> {
        let Some(delivery) = self.next(in_flight, stopping).await else { return ControlFlow::Break(()) };
        let tally = self.control().pipeline.counts.begin();
        let ended = self.handle(&delivery, stopping).await;
        if self.dead_letter
            && let Some(failure) = ended.failure()
        {
            let (from, shared) = (self.subscription.mailbox(), &self.registration.shared);
            shared.dead_letter((&delivery, from), &failure, (self.control(), stopping)).await;
        }
        tally.settle(&ended.outcome);
        ControlFlow::Continue(())
    }

    fn control(&self) -> &Control {
        &self.registration.control
    }

    // ANCHOR: next
    async fn next(&self, mut in_flight: Option<&mut InFlight>, stopping: &mut Stopping) -> Option<Delivery> {
        let take = async {
            let _turn = self.turn.lock().await;
            poll_fn(|cx| self.subscription.poll_shared(in_flight.as_deref_mut(), cx)).await
        };
        // Cancel safe: `told` takes nothing, and `take` takes a message only in the poll that ends it. In this order,
        // because who was told to stop must not take one more.
        tokio::select! {
            biased;
            () = stopping.told(Stop::Finish) => None,
            delivery = take => delivery,
        }
    }
    // ANCHOR_END: next

    /// Through the pipeline, with all attempts.
    async fn handle(self: &Arc<Self>, delivery: &Delivery, stopping: &mut Stopping) -> Ended {
        let pipeline = &self.control().pipeline;
        if let Some(ended) = pipeline.turn_down(&self.filters, delivery) {
            return ended;
        }
        let ended = pipeline.run(stopping, |attempt| self.call(delivery.clone(), attempt)).await;
        match ended.outcome {
            // Stopped before it was called.
            Outcome::Skipped(Skip::Cancelled) => pipeline.ended_early(Outcome::CutOff),
            _ => ended,
        }
    }

    async fn call(self: &Arc<Self>, delivery: Delivery, attempt: u32) -> Result<(), HandlerError> {
        // The call stands inside, because it is the handler's code too.
        let handler = async {
            // Nothing is boxed for who has no middleware.
            if self.layers.len() == 0 {
                return (self.handler)(delivery).await;
            }
            let (topic, handler) = (delivery.topic.clone().into(), Arc::clone(&self.name));
            let call = Call { topic, handler, attempt, input: delivery };
            Next::new(self.layers.clone(), Arc::clone(self) as _).run(call).await
        };
        if self.alone {
            reentry::within(self.subscription.mailbox().id, handler).await
        } else {
            handler.await
        }
    }
}

impl<H, F> Innermost<Delivery> for Work<H>
where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    fn call(&self, delivery: Delivery) -> BoxFuture<'static, Result<(), HandlerError>> {
        Box::pin((self.handler)(delivery))
    }
}
