//! What the task of a handler does: take a message, run the handler until it succeeds or has failed for good, again.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::base::caught::{self, caught};
use crate::handler::dead_letter::{Failure, Failures};
use crate::handler::registration::Registration;
use crate::mailbox::keyed::InFlight;
use crate::pipeline::retry::Backoff;
use crate::publish::reentry;
use crate::shared::handlers::{Control, Outcome, Stop, Stopping};
use crate::{Delivery, HandlerError, Subscription};

/// Shared by the workers of one handler.
pub(crate) struct Work<H> {
    pub(crate) handler: H,
    pub(crate) subscription: Arc<Subscription>,
    pub(crate) registration: Registration,
    pub(crate) backoff: Backoff,
    pub(crate) dead_letter: bool,
    /// A mailbox wakes one task, so the workers queue up in front of it, and one of them waits for it.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Whether there is one worker only, whose wait for a place in its own mailbox could never end.
    pub(crate) alone: bool,
}

impl<H, F> Work<H>
where
    H: Fn(Delivery) -> F + Send + Sync,
    F: Future<Output = Result<(), HandlerError>> + Send,
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
                    self.control().panicked.add_one();
                }
            }
        }
    }

    /// Takes a message and settles it; a break when there will be none.
    async fn turn(&self, in_flight: Option<&mut InFlight>, stopping: &mut Stopping) -> ControlFlow<()> {
        let Some(delivery) = self.next(in_flight, stopping).await else { return ControlFlow::Break(()) };
        let running = self.control().run();
        let outcome = self.handle(&delivery, stopping).await;
        running.settle(outcome);
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

    async fn handle(&self, delivery: &Delivery, stopping: &mut Stopping) -> Outcome {
        let mut so_far = None;
        loop {
            let attempt = caught(self.attempt(delivery.clone(), stopping)).await;
            let failure = match attempt.unwrap_or_else(|payload| Err(Failure::panicked(payload))) {
                Ok(()) => return Outcome::Handled,
                Err(failure) => failure,
            };
            if matches!(failure, Failure::Panicked(_)) {
                self.control().panicked.add_one();
            }
            let now = self.registration.shared.clock.unix_ms();
            let failures = Failures::and(so_far, failure, now);
            let again = match self.delay(&failures) {
                Some(delay) => pause(delay, stopping).await,
                None => false,
            };
            if !again {
                return self.give_up(delivery, failures, stopping).await;
            }
            self.control().retried.add_one();
            so_far = Some(failures);
        }
    }

    /// How long to wait for the next attempt; `None` when this was the last.
    fn delay(&self, failures: &Failures) -> Option<Duration> {
        let is_final = matches!(failures.last, Failure::CutOff) || failures.last.is_permanent();
        if is_final { None } else { self.backoff.delay(failures.attempts) }
    }

    async fn give_up(&self, delivery: &Delivery, failures: Failures, stopping: &mut Stopping) -> Outcome {
        if self.dead_letter {
            let from = self.subscription.mailbox();
            let shared = &self.registration.shared;
            shared.dead_letter((delivery, from), &failures, (self.control(), stopping)).await;
        }
        match failures.last {
            Failure::CutOff => Outcome::CutOff,
            _ => Outcome::Failed,
        }
    }

    /// Its future, too, is dropped in here.
    async fn attempt(&self, delivery: Delivery, stopping: &mut Stopping) -> Result<(), Failure> {
        // Not cancel safe, and not meant to be: an abort drops the handler where it is.
        tokio::select! {
            biased;
            () = stopping.told(Stop::Abort) => Err(Failure::CutOff),
            called = self.call(delivery) => called,
        }
    }

    async fn call(&self, delivery: Delivery) -> Result<(), Failure> {
        // The call stands inside, because it is the handler's code too.
        let handler = async { (self.handler)(delivery).await };
        let handled = if self.alone {
            caught(reentry::within(self.subscription.mailbox().id, handler)).await
        } else {
            caught(handler).await
        };
        match handled {
            Ok(handled) => handled.map_err(Failure::Error),
            Err(payload) => Err(Failure::panicked(payload)),
        }
    }
}

/// Says no when the handler was told to stop.
async fn pause(delay: Duration, stopping: &mut Stopping) -> bool {
    // Cancel safe: neither takes anything.
    tokio::select! {
        biased;
        () = stopping.told(Stop::Finish) => false,
        () = tokio::time::sleep(delay) => true,
    }
}
