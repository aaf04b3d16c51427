//! What the task of a handler does: take a message, run the handler until it succeeds or has failed for good, again.

use std::{
    any::Any,
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::FutureExt;

use crate::{
    Delivery, HandlerError, RetryPolicy, Subscription,
    handlers::{Control, Registration, Stop, Stopping},
    reentry,
};

/// Shared by the workers of one handler.
pub(crate) struct Work<H> {
    pub(crate) handler: H,
    pub(crate) subscription: Arc<Subscription>,
    pub(crate) registration: Registration,
    pub(crate) retry: RetryPolicy,
    pub(crate) random: Mutex<fastrand::Rng>,
    /// A mailbox wakes one task, so the workers queue up in front of it, and one of them waits for it.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Whether there is one worker only, whose wait for a place in its own mailbox could never end.
    pub(crate) alone: bool,
}

/// Why an attempt failed.
#[derive(Debug)]
enum Failure {
    Error(HandlerError),
    Panicked,
}

/// What became of a message.
#[derive(Debug)]
enum Outcome {
    Handled,
    Failed,
    CutOff,
}

impl<H, F> Work<H>
where
    H: Fn(Delivery) -> F + Send + Sync,
    F: Future<Output = Result<(), HandlerError>> + Send,
{
    /// Ends when the handler is to stop, or the bus is closed and everything queued was handled.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut stopping = self.control().stopping();
        while let Some(delivery) = self.next(&mut stopping).await {
            let _running = self.control().run();
            match self.handle(delivery, &mut stopping).await {
                Outcome::Handled => self.control().handled.add_one(),
                Outcome::Failed => self.control().failed.add_one(),
                Outcome::CutOff => self.control().cut_off.add_one(),
            }
        }
    }

    fn control(&self) -> &Control {
        &self.registration.control
    }

    async fn next(&self, stopping: &mut Stopping) -> Option<Delivery> {
        let take = async {
            let _turn = self.turn.lock().await;
            poll_fn(|cx| self.subscription.poll_shared(cx)).await
        };
        // Cancel safe: `told` takes nothing, and `take` takes a message only in the poll that ends it. In this order,
        // because who was told to stop must not take one more.
        tokio::select! {
            biased;
            () = stopping.told(Stop::Finish) => None,
            delivery = take => delivery,
        }
    }

    async fn handle(&self, delivery: Delivery, stopping: &mut Stopping) -> Outcome {
        let mut failures = 0;
        loop {
            // Not cancel safe, and not meant to be: an abort drops the handler where it is.
            let failure = tokio::select! {
                biased;
                () = stopping.told(Stop::Abort) => return Outcome::CutOff,
                attempt = self.attempt(delivery.clone()) => match attempt {
                    Ok(()) => return Outcome::Handled,
                    Err(failure) => failure,
                },
            };
            failures += 1;
            if matches!(failure, Failure::Panicked) {
                self.control().panicked.add_one();
            }
            if failure.is_permanent() || self.retry.is_used_up(failures) {
                return Outcome::Failed;
            }
            // Cancel safe: neither takes anything.
            tokio::select! {
                biased;
                () = stopping.told(Stop::Finish) => return Outcome::Failed,
                () = tokio::time::sleep(self.pause(failures)) => self.control().retried.add_one(),
            }
        }
    }

    async fn attempt(&self, delivery: Delivery) -> Result<(), Failure> {
        // The call stands inside, because it is the handler's code too.
        let handler = async { (self.handler)(delivery).await };
        let handled = if self.alone {
            caught(reentry::within(self.subscription.id(), handler)).await
        } else {
            caught(handler).await
        };
        match handled {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::Error(error)),
            Err(_panic) => Err(Failure::Panicked),
        }
    }

    fn pause(&self, failures: u32) -> Duration {
        let random = self.random.lock().expect("nothing that can panic runs under this lock").f64();
        self.retry.pause(failures, random)
    }
}

/// Unwind safe: what a panic leaves behind is the handler's own, and it is told to expect further calls.
async fn caught<F: Future>(handler: F) -> Result<F::Output, Box<dyn Any + Send>> {
    AssertUnwindSafe(handler).catch_unwind().await
}

impl Failure {
    fn is_permanent(&self) -> bool {
        matches!(self, Self::Error(error) if error.is_permanent())
    }
}
