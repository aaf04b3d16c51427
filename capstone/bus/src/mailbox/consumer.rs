//! [`Consumer`]: the receiving end of a mailbox.
//!
//! # Why take the whole ring out at once?
//!
//! Publishers and consumer then meet at the lock once a batch and not once a message. What was taken out still counts
//! against the capacity until it is handed out. Where others have a say in which message is next, no more is taken than
//! is handed out: the members of a queue group share what is there, and under `DropOldest` the publisher evicts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Context;

use crate::base::few::Few;
use crate::base::id::SubscriberId;
use crate::mailbox::entry::{Entry, gap, pop_one};
use crate::mailbox::filter::Filter;
use crate::mailbox::keyed::InFlight;
use crate::mailbox::mailbox::{Mailbox, Take};
use crate::mailbox::state::{Phase, State};
use crate::{Deliveries, Delivery, Overflow};

/// One subscription's side of its mailbox.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: SubscriberId,
    pub(crate) mailbox: Arc<Mailbox>,
    /// Taken out of the ring and not yet handed out; always empty with `Takes::Few`.
    taken: VecDeque<Entry>,
    /// The number of the last message that was handed out from `taken`.
    last_out: u64,
    takes: Takes,
    /// Absent where messages have no keys.
    in_flight: Option<Box<InFlight>>,
    filter: Option<Filter>,
    /// The gaps in front of messages that the filter refused, since the last one that it wanted.
    missing: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    All,
    Few,
}

impl Consumer {
    pub(crate) fn new(id: SubscriberId, mailbox: Arc<Mailbox>, filter: Option<Filter>) -> Self {
        let alone = mailbox.group.is_none() && mailbox.settings.overflow != Overflow::DropOldest;
        let takes = if alone { Takes::All } else { Takes::Few };
        let in_flight = InFlight::new(id, &mailbox).map(Box::new);
        Self { id, mailbox, taken: VecDeque::new(), last_out: 0, takes, in_flight, filter, missing: 0 }
    }

    /// Hands out the oldest message, and lets one in the waiting line follow. When there is none and a task is given, the
    /// next message wakes it. None may be left over by the filter.
    #[inline]
    pub(crate) fn take_one(&mut self, task: Option<&Context<'_>>) -> Take<Option<Delivery>> {
        // On the way of nearly every message, so it comes first.
        if self.filter.is_none()
            && let Some(entry) = pop_one(&mut self.taken)
        {
            self.mailbox.count_out(1);
            let gap = gap(&mut self.last_out, entry.number);
            return Take::Taken(Some(Delivery::new(entry.run, entry.at, gap)));
        }
        let mut taken = None;
        self.take(1, |delivery| taken = Some(delivery), task).map(|_| taken)
    }

    /// Hands out the oldest messages, at most so many and at least one, and lets as many in the waiting line follow.
    /// When there is none and a task is given, the next message wakes it. None may be left over by the filter.
    pub(crate) fn take(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        let Some(filter) = self.filter.clone() else { return self.take_all(max, out, task) };
        // Out of the mailbox first, because the filter is not ours and must not run under its lock.
        let mut all = Vec::new();
        match self.take_all(max, |delivery| all.push(delivery), task) {
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

    fn take_all(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        if let Some(in_flight) = &mut self.in_flight {
            return in_flight.take(max, out, task);
        }
        if self.takes == Takes::Few {
            return self.mailbox.look(self.id, task, |state| self.mailbox.take_few(state, max, &mut out));
        }
        let mut handed_out = self.hand_out(max, &mut out);
        if handed_out < max {
            let task = task.filter(|_| handed_out == 0);
            let swap = |state: &mut State| std::mem::swap(&mut self.taken, &mut state.ring);
            match self.mailbox.look(self.id, task, swap) {
                Take::Taken(()) => handed_out += self.hand_out(max - handed_out, &mut out),
                Take::Empty if handed_out == 0 => return Take::Empty,
                Take::Closed if handed_out == 0 => return Take::Closed,
                Take::Empty | Take::Closed => {}
            }
        }
        self.mailbox.count_out(handed_out);
        Take::Taken(handed_out)
    }

    /// Hands out the oldest messages that were offered together. When there are none and a task is given, the next
    /// message wakes it. Where each message must be looked at it is one, or none because it is not wanted.
    pub(crate) fn take_batch(&mut self, task: Option<&Context<'_>>) -> Take<Option<Deliveries>> {
        if self.filter.is_some() || self.in_flight.is_some() {
            return self.take_one(task).map(|taken| taken.map(Deliveries::from));
        }
        let mailbox = &self.mailbox;
        if self.takes == Takes::Few {
            return mailbox.look(self.id, task, |state| {
                let entry = state.ring.pop_front()?;
                mailbox.exit.handed_out.fetch_add(entry.len() as u64, SeqCst);
                Some(together(entry, &mut state.last_out))
            });
        }
        if self.taken.is_empty() {
            let swap = |state: &mut State| std::mem::swap(&mut self.taken, &mut state.ring);
            match mailbox.look(self.id, task, swap) {
                Take::Taken(()) => {}
                nothing => return nothing.map(|()| None),
            }
        }
        Take::Taken(self.taken.pop_front().map(|entry| {
            mailbox.count_out(entry.len());
            together(entry, &mut self.last_out)
        }))
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

    fn hand_out(&mut self, max: usize, out: &mut impl FnMut(Delivery)) -> usize {
        let mut messages = 0;
        while messages < max
            && let Some(entry) = pop_one(&mut self.taken)
        {
            let gap = gap(&mut self.last_out, entry.number);
            out(Delivery::new(entry.run, entry.at, gap));
            messages += 1;
        }
        messages
    }
}

fn together(entry: Entry, last_out: &mut u64) -> Deliveries {
    let gap = gap(last_out, entry.number);
    *last_out = entry.last();
    Deliveries::new(entry.run, entry.at, gap)
}

impl Mailbox {
    /// Takes something out if there is something; else, the next message wakes the task.
    fn look<T>(
        &self,
        consumer: SubscriberId,
        task: Option<&Context<'_>>,
        mut take: impl FnMut(&mut State) -> T,
    ) -> Take<T> {
        loop {
            let (mut state, mut wake) = (self.lock(), Few::default());
            self.admit(&mut state, &mut wake);
            let taken = if !state.ring.is_empty() {
                let taken = take(&mut state);
                self.admit(&mut state, &mut wake);
                Take::Taken(taken)
            } else if state.phase != Phase::Open {
                Take::Closed
            } else {
                Take::Empty
            };
            drop(state);
            wake.wake();
            match (&taken, task) {
                (Take::Empty, Some(cx)) if !self.park(consumer, cx, State::has_nothing) => {}
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
        nothing_to_do: impl FnOnce(&State) -> bool,
    ) -> bool {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let parks = nothing_to_do(&state);
        let unused = if parks { state.parked.park(consumer, waker) } else { Some(waker) };
        drop(state);
        drop(unused);
        parks
    }

    /// Counts them out under the lock, so that a full mailbox always has its oldest message in the ring.
    fn take_few(&self, state: &mut State, max: usize, out: &mut impl FnMut(Delivery)) -> usize {
        let mut messages = 0;
        while messages < max
            && let Some(entry) = pop_one(&mut state.ring)
        {
            let gap = gap(&mut state.last_out, entry.number);
            out(Delivery::new(entry.run, entry.at, gap));
            messages += 1;
        }
        self.exit.handed_out.fetch_add(messages as u64, SeqCst);
        messages
    }
}
