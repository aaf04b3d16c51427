//! Which handlers of topics run, and how each is told to stop.
//!
//! Owns no task: that is the [`HandlerTask`](crate::HandlerTask).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use tokio::sync::watch;

use crate::base::id::SubscriberId;
use crate::pipeline::interrupt::Interrupt;
use crate::pipeline::outcome::Outcome;
use crate::pipeline::pipeline::Pipeline;

/// The handlers of a bus.
#[derive(Debug, Default)]
pub(crate) struct Handlers {
    /// Of the standard library: locked for a look-up, and never across an await.
    live: Mutex<Live>,
}

#[derive(Debug, Default)]
struct Live {
    last: u64,
    handlers: BTreeMap<u64, Entry>,
    /// Shutdowns that wait for typed handlers, whose dead letters may still come.
    draining: usize,
}

#[derive(Debug)]
struct Entry {
    control: Arc<Control>,
    dead_letters: DeadLetters,
}

/// Whether dead letters may come from a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeadLetters {
    Never,
    Possible,
}

impl Handlers {
    /// A new one, and the number that it is known by.
    pub(crate) fn add(&self, pipeline: Pipeline, dead_letters: DeadLetters) -> (u64, Arc<Control>) {
        let stop = watch::Sender::new(Stop::No);
        let control = Arc::new(Control { mailbox: OnceLock::new(), stop, pipeline });
        let mut live = self.lock();
        live.last += 1;
        let number = live.last;
        live.handlers.insert(number, Entry { control: Arc::clone(&control), dead_letters });
        (number, control)
    }

    /// It has ended.
    pub(crate) fn remove(&self, number: u64) {
        let entry = self.lock().handlers.remove(&number);
        drop(entry);
    }

    /// Dead letters of others than these handlers may come, until [`expect_no_others`](Self::expect_no_others).
    pub(crate) fn expect_others(&self) {
        self.lock().draining += 1;
    }

    pub(crate) fn expect_no_others(&self) {
        self.lock().draining -= 1;
    }

    /// Whether none is at work any more.
    pub(crate) fn are_done(&self) -> bool {
        self.lock().handlers.is_empty()
    }

    /// Cuts them all off, and says whose mailbox had given how many messages that were not finished.
    pub(crate) fn abort(&self) -> Vec<(SubscriberId, usize)> {
        let controls: Vec<_> =
            self.lock().handlers.values().map(|entry| Arc::clone(&entry.control)).collect();
        // Without the lock: it wakes the workers.
        let cut_off = controls.iter().filter_map(|control| {
            let running = control.pipeline.counts.running();
            control.stop(Stop::Abort);
            Some((*control.mailbox.get()?, running))
        });
        cut_off.collect()
    }

    pub(crate) fn may_dead_letter(&self) -> bool {
        let live = self.lock();
        live.draining > 0 || live.handlers.values().any(|entry| entry.dead_letters == DeadLetters::Possible)
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().expect("nothing that can panic runs under this lock")
    }
}

/// What a handler is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    No,
    /// Take nothing more, make no further attempts, and finish what is running.
    Finish,
    /// Cut off what is running, too.
    Abort,
}

/// Between a handler's workers and those who may stop it.
#[derive(Debug)]
pub(crate) struct Control {
    /// Where the messages come from; absent until it is subscribed.
    pub(crate) mailbox: OnceLock<SubscriberId>,
    stop: watch::Sender<Stop>,
    /// What a message goes through, with its counters.
    pub(crate) pipeline: Pipeline,
}

impl Control {
    // ANCHOR: stop
    /// Never takes back what was said before.
    pub(crate) fn stop(&self, stop: Stop) {
        self.stop.send_if_modified(|current| {
            let more = stop > *current;
            *current = stop.max(*current);
            more
        });
    }

    pub(crate) fn stopping(&self) -> Stopping {
        Stopping(self.stop.subscribe())
    }
    // ANCHOR_END: stop
}

/// A worker's ear.
#[derive(Debug)]
pub(crate) struct Stopping(watch::Receiver<Stop>);

impl Stopping {
    /// Ready when the handler is to do this, or more. Takes nothing, so it may be dropped at any time.
    pub(crate) async fn told(&mut self, stop: Stop) {
        let told = self.0.wait_for(|current| *current >= stop).await;
        told.map(drop).expect("the sender lives as long as the worker");
    }
}

impl Interrupt for Stopping {
    async fn told(&mut self) {
        Self::told(self, Stop::Finish).await;
    }

    async fn run(&mut self, call: impl Future<Output = Outcome> + Send) -> Outcome {
        // Not cancel safe, and not meant to be: an abort drops the handler where it is.
        tokio::select! {
            biased;
            () = self.told(Stop::Abort) => Outcome::CutOff,
            called = call => called,
        }
    }
}
