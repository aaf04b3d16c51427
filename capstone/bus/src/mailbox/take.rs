//! How messages leave a mailbox under its lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Release, SeqCst};
use std::task::Context;

use crate::base::few::Few;
use crate::base::id::SubscriberId;
use crate::mailbox::consumer::Consumer;
use crate::mailbox::entry::{Entry, gap, pop_one};
use crate::mailbox::exit::NEVER;
use crate::mailbox::keyed::InFlight;
use crate::mailbox::log::Log;
use crate::mailbox::mailbox::{After, Follow, Inside, Mailbox, Take};
use crate::mailbox::state::State;
use crate::mailbox::trail::Trail;
use crate::{Deliveries, Delivery};

/// A way along a log, without a lock.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) log: Arc<Log>,
    /// Which member of the log the mailbox is.
    pub(super) index: usize,
    pub(super) trail: Trail,
}

impl Consumer {
    /// As [`take`](Self::take), where no more is taken than is handed out.
    pub(super) fn take_few(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        let Some(filter) = self.filter.clone() else { return self.take_unfiltered(max, out, task) };
        // Out of the mailbox first, because the filter is not ours and must not run under its lock.
        let mut all = Vec::new();
        match self.take_unfiltered(max, |delivery| all.push(delivery), task) {
            Take::Taken(_) => {}
            nothing => return nothing,
        }
        let mut wanted = 0;
        for delivery in all {
            if filter.wants(&delivery) {
                out(delivery.with_missing(std::mem::take(&mut self.missing)));
                wanted += 1;
            } else {
                self.missing += delivery.gap();
                self.mailbox.exit.filtered.fetch_add(1, SeqCst);
            }
        }
        Take::Taken(wanted)
    }

    fn take_unfiltered(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        match &mut self.in_flight {
            Some(in_flight) => in_flight.take(max, out, task),
            None => self.mailbox.look(self.id, task, |state| self.mailbox.take_few(state, max, &mut out)),
        }
    }

    /// Hands out one message, where several share this consumer and nobody calls [`take`](Self::take); perhaps none,
    /// because its key could not be said.
    pub(crate) fn take_shared(
        &self,
        in_flight: Option<&mut InFlight>,
        task: &Context<'_>,
    ) -> Take<Option<Delivery>> {
        let mut taken = None;
        let mut out = |delivery| taken = Some(delivery);
        let took = match in_flight {
            Some(in_flight) => in_flight.take(1, &mut out, Some(task)),
            None => {
                let take = |state: &mut State| self.mailbox.take_few(state, 1, &mut out);
                self.mailbox.look(self.id, Some(task), take)
            }
        };
        took.map(|_| taken)
    }
}

impl Mailbox {
    /// Takes all there is out of the ring, or a way along the log that comes behind it; else, the next message wakes the
    /// task.
    pub(super) fn take_all(
        &self,
        consumer: SubscriberId,
        task: Option<&Context<'_>>,
        taken: &mut VecDeque<Entry>,
    ) -> Take<Option<Box<Walk>>> {
        loop {
            let (mut inside, mut wake) = (self.lock(), Few::default());
            self.admit(&mut inside, &mut wake);
            inside.end_tail();
            let took = if !inside.ring.is_empty() {
                std::mem::swap(taken, &mut inside.ring);
                self.admit(&mut inside, &mut wake);
                Take::Taken(None)
            } else if let Some(Follow { log, index, trail, .. }) = inside.follow.as_deref_mut() {
                self.exit.until.store(NEVER, Release);
                let trail = trail.take().expect("who comes here is at the end of the last one");
                Take::Taken(Some(Box::new(Walk { log: Arc::clone(log), index: *index, trail })))
            } else {
                inside.nothing()
            };
            drop(inside);
            wake.wake();
            match (&took, task) {
                (Take::Empty, Some(cx)) if !self.park(consumer, cx, Inside::has_nothing) => {}
                _ => return took,
            }
        }
    }

    /// Takes something out if there is something, where no more is taken than is handed out; else, the next message wakes
    /// the task.
    pub(super) fn look<T>(
        &self,
        consumer: SubscriberId,
        task: Option<&Context<'_>>,
        mut take: impl FnMut(&mut State) -> T,
    ) -> Take<T> {
        loop {
            let (mut inside, mut after) = (self.lock(), After::default());
            self.admit(&mut inside, &mut after.wake);
            self.catch_up_published(&mut inside, &mut after.evicted);
            inside.end_tail();
            let taken = if !inside.ring.is_empty() {
                let taken = take(&mut inside);
                self.admit(&mut inside, &mut after.wake);
                Take::Taken(taken)
            } else {
                inside.nothing()
            };
            let log = inside.follow.as_ref().map(|follow| (Arc::clone(&follow.log), follow.index, follow.at));
            drop(inside);
            after.now();
            match (&taken, task, log) {
                (Take::Empty, Some(cx), Some((log, index, at))) => {
                    if log.sleep(index, at, cx.waker().clone()) {
                        return taken;
                    }
                }
                (Take::Empty, Some(cx), None) if !self.park(consumer, cx, Inside::has_nothing) => {}
                _ => return taken,
            }
        }
    }

    /// Lets the task be woken by what comes next, unless something has come in the meantime: then it says no.
    ///
    /// The waker is cloned before the lock is taken, and so once more than the lock was: what a clone does is not ours.
    pub(super) fn park(
        &self,
        consumer: SubscriberId,
        cx: &Context<'_>,
        nothing_to_do: impl FnOnce(&Inside) -> bool,
    ) -> bool {
        let waker = cx.waker().clone();
        let mut inside = self.lock();
        let parks = nothing_to_do(&inside);
        let unused = if parks { inside.parked.park(consumer, waker) } else { Some(waker) };
        drop(inside);
        drop(unused);
        parks
    }

    /// Counts them out under the lock, so that a full mailbox always has its oldest message in the ring.
    pub(super) fn take_few(&self, state: &mut State, max: usize, out: &mut impl FnMut(Delivery)) -> usize {
        let mut messages = 0;
        while messages < max
            && let Some(entry) = pop_one(&mut state.ring)
        {
            let gap = gap(&mut state.last_out, entry.number);
            out(entry.into_delivery(gap));
            messages += 1;
        }
        self.exit.handed_out.fetch_add(messages as u64, SeqCst);
        messages
    }

    /// The same for messages that were offered together.
    pub(super) fn take_together(&self, state: &mut State) -> Option<Deliveries> {
        let together = state.ring.front()?.together();
        let entry = if together.is_some() { state.ring.pop_front()? } else { pop_one(&mut state.ring)? };
        let (gap, messages) = (gap(&mut state.last_out, entry.number), entry.len() as u64);
        state.last_out += messages - 1;
        self.exit.handed_out.fetch_add(messages, SeqCst);
        Some(together.map_or_else(|| entry.into_delivery(gap).into(), |run| Deliveries::new(run, gap)))
    }
}
