//! [`Consumer`]: the receiving end of a mailbox.
//!
//! # Why take the whole ring out at once?
//!
//! Publishers and consumer then meet at the lock once a batch and not once a message. What was taken out still counts
//! against the capacity until it is handed out. Where others have a say in which message is next, no more is taken than
//! is handed out: the members of a queue group share what is there, and under `DropOldest` the publisher evicts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Context;

use crate::base::id::SubscriberId;
use crate::mailbox::entry::{Content, Entry, gap};
use crate::mailbox::filter::Filter;
use crate::mailbox::keyed::InFlight;
use crate::mailbox::mailbox::{Mailbox, Take};
use crate::mailbox::node::Stored;
use crate::mailbox::tail::BUNCH;
use crate::mailbox::take::Walk;
use crate::mailbox::trail::Step;
use crate::message::batch_slice::Run;
use crate::message::delivery::Parts;
use crate::message::lease::Lease;
use crate::{Deliveries, Delivery, Message};

/// One subscription's side of its mailbox.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: SubscriberId,
    pub(crate) mailbox: Arc<Mailbox>,
    /// What is being handed out: messages in a row, from one place to another, and the number of the next.
    source: Source,
    at: u32,
    end: u32,
    number: u64,
    /// Whether more may come into the chunk that is being handed out: then it is kept, and not counted anew.
    keeps: bool,
    /// Whether its subscription is out of the table already. Here, where it takes no room.
    pub(crate) has_left: AtomicBool,
    /// Takes all there is at once, and counts what it hands out; else that is done under the lock.
    takes_all: bool,
    /// Taken out of the mailbox, and comes behind them; always empty where no more is taken than is handed out.
    taken: VecDeque<Entry>,
    /// A log that the mailbox follows, and comes behind all that; absent where no more is taken than is handed out.
    walk: Option<Box<Walk>>,
    /// The number of the last message that was handed out of these.
    last_out: u64,
    /// How many were.
    handed_out: u64,
    /// As of the mailbox.
    step: u8,
    /// Absent where messages have no keys.
    pub(super) in_flight: Option<Box<InFlight>>,
    pub(super) filter: Option<Box<Filter>>,
    /// Whether the filter is still to be asked about the message at hand.
    is_unasked: bool,
    /// Where others have a say: the gaps in front of messages that the filter refused, since the last one that it wanted.
    pub(super) missing: u64,
}

/// Where the messages are that are being handed out.
#[derive(Debug)]
enum Source {
    Nothing,
    Lone(Arc<Message>),
    Leased(Arc<Lease>),
}

impl Consumer {
    pub(crate) fn new(id: SubscriberId, mailbox: Arc<Mailbox>, filter: Option<Filter>) -> Self {
        let in_flight = InFlight::new(id, &mailbox).map(Box::new);
        Self {
            id,
            step: mailbox.step() as u8,
            has_left: AtomicBool::new(false),
            takes_all: mailbox.has_one_consumer,
            mailbox,
            source: Source::Nothing,
            at: 0,
            end: 0,
            number: 0,
            keeps: false,
            walk: None,
            taken: VecDeque::new(),
            last_out: 0,
            handed_out: 0,
            in_flight,
            is_unasked: filter.is_some(),
            filter: filter.map(Box::new),
            missing: 0,
        }
    }

    /// Whether there is a message at hand, and nobody need be asked about it.
    #[inline(always)]
    pub(crate) fn has_next(&self) -> bool {
        self.at < self.end && !self.is_unasked
    }

    /// Whether nothing that was taken out is left: a shutdown may wait for that.
    #[inline(always)]
    pub(crate) fn is_drained(&self) -> bool {
        self.at == self.end
    }

    /// Has the next message at hand. Says no when what there was is not wanted, or its key could not be said. When there is
    /// none and a task is given, the next message wakes it.
    pub(crate) fn make_ready(&mut self, task: Option<&Context<'_>>) -> Take<bool> {
        if !self.takes_all {
            let mut taken = None;
            let took = self.take_few(1, |delivery| taken = Some(delivery), task);
            return took.map(|_| taken.map(|delivery| self.begin_one(delivery)).is_some());
        }
        if self.is_drained() {
            match self.refill(task) {
                Take::Taken(()) => {}
                nothing => return nothing.map(|()| false),
            }
        }
        Take::Taken(self.ask())
    }

    /// Whether there is more at hand than one message.
    #[inline(always)]
    pub(crate) fn has_more(&self) -> bool {
        self.at + 1 < self.end
    }

    /// The message at hand, which is not the last one.
    #[inline(always)]
    pub(crate) fn next_of_more(&mut self) -> Delivery {
        let (at, gap) = self.pass();
        self.mailbox.count_out(self.handed_out, u64::from(self.step));
        let Source::Leased(lease) = &self.source else { unreachable!("there are more") };
        Delivery::leased(Arc::clone(lease), at, gap)
    }

    /// The message that is at hand, if there is one.
    #[inline]
    pub(crate) fn next_ready(&mut self) -> Option<Delivery> {
        (!self.is_drained()).then(|| self.next())
    }

    fn next(&mut self) -> Delivery {
        if self.has_more() { self.next_of_more() } else { self.next_of_one() }
    }

    /// Goes on by one: from where, and with which gap.
    #[inline(always)]
    fn pass(&mut self) -> (usize, u64) {
        let passed = (self.at as usize, gap(&mut self.last_out, self.number));
        self.at += 1;
        self.number += 1;
        self.handed_out += 1;
        self.is_unasked = self.filter.is_some();
        passed
    }

    /// Whether the filter wants the message at hand. It is not ours, and runs without a lock.
    fn ask(&mut self) -> bool {
        let Some(filter) = self.filter.clone() else { return true };
        let message = match &self.source {
            Source::Lone(message) => message,
            Source::Leased(lease) => lease.get(self.at as usize),
            Source::Nothing => unreachable!("there is one at hand"),
        };
        if filter.wants(message) {
            self.is_unasked = false;
            return true;
        }
        // Is itself no gap, and what was missing in front of it is missing in front of the next.
        let last_out = self.last_out;
        drop(self.next());
        self.last_out = last_out + 1;
        self.mailbox.exit.filtered.fetch_add(1, SeqCst);
        false
    }

    /// Has a message at hand that was counted already.
    fn begin_one(&mut self, delivery: Delivery) {
        self.number = self.last_out + 1 + delivery.gap();
        let at;
        (self.source, at) = match delivery.into_parts() {
            Parts::Lone(message) => (Source::Lone(message), 0),
            Parts::Leased(lease, at) => (Source::Leased(lease), at),
        };
        self.at_hand(at, at + 1);
        self.is_unasked = false;
    }

    /// The last message at hand.
    fn next_of_one(&mut self) -> Delivery {
        let (at, gap) = self.pass();
        let source = match &self.source {
            Source::Leased(lease) if self.keeps => Source::Leased(Arc::clone(lease)),
            _ => std::mem::replace(&mut self.source, Source::Nothing),
        };
        match self.taken.pop_front() {
            Some(entry) => {
                self.begin(entry);
                self.mailbox.count_out(self.handed_out, u64::from(self.step));
            }
            None if self.takes_all => self.mailbox.count_out_last(self.handed_out),
            None => {}
        }
        match source {
            Source::Leased(lease) => Delivery::leased(lease, at, gap),
            Source::Lone(message) => Delivery::lone(message, gap),
            Source::Nothing => unreachable!("there was one"),
        }
    }

    /// From one place to another, which are small: a lease has a limit.
    fn at_hand(&mut self, at: usize, end: usize) {
        (self.at, self.end) = (at as u32, end as u32);
    }

    fn begin(&mut self, entry: Entry) {
        let (Entry { number, at, content }, rest) = entry.lease();
        rest.into_iter().for_each(|rest| self.taken.push_front(rest));
        (self.number, self.keeps) = (number, false);
        let end;
        (self.source, end) = match content {
            Content::Leased(lease, end) => (Source::Leased(lease), end),
            Content::Run(Run::One(message)) => (Source::Lone(message), at + 1),
            _ => unreachable!("what does not lie alone is leased"),
        };
        self.at_hand(at, end);
    }

    /// Takes out all there is.
    fn refill(&mut self, task: Option<&Context<'_>>) -> Take<()> {
        loop {
            if let Some(entry) = self.taken.pop_front() {
                self.begin(entry);
                return Take::Taken(());
            }
            let Some(walk) = &mut self.walk else {
                match self.mailbox.take_all(self.id, task, &mut self.taken) {
                    Take::Taken(walk) => self.walk = walk,
                    nothing => {
                        self.source = Source::Nothing;
                        return nothing.map(|_| ());
                    }
                }
                continue;
            };
            match walk.trail.step(&self.mailbox.exit.until, BUNCH) {
                Step::Messages { stored, first, end, number } => {
                    self.number = number;
                    self.source = match (stored, std::mem::replace(&mut self.source, Source::Nothing)) {
                        (Stored::Lone(message), _) => Source::Lone(Arc::clone(message)),
                        (Stored::Chunk(_), Source::Leased(lease)) if stored.is_of(&lease) => {
                            Source::Leased(lease)
                        }
                        (Stored::Chunk(chunk), _) => {
                            Source::Leased(Arc::new(Lease::Chunk(Arc::clone(chunk))))
                        }
                    };
                    self.keeps = matches!(stored, Stored::Chunk(chunk) if end < chunk.len());
                    (self.at, self.end) = (first as u32, end as u32);
                    return Take::Taken(());
                }
                Step::Ended => self.walk = None,
                Step::Nothing => {
                    // Its chunk may have ended early, and is not kept then.
                    if matches!(&self.source, Source::Leased(lease) if !walk.trail.is_in(lease)) {
                        self.source = Source::Nothing;
                    }
                    let Some(cx) = task else { return Take::Empty };
                    if walk.log.sleep(walk.index, walk.trail.at(), cx.waker().clone()) {
                        return Take::Empty;
                    }
                }
            }
        }
    }

    /// Hands out the oldest message, and lets one in the waiting line follow. When there is none and a task is given, the
    /// next message wakes it. None may be left over by the filter.
    pub(crate) fn take_one(&mut self, task: Option<&Context<'_>>) -> Take<Option<Delivery>> {
        self.make_ready(task).map(|ready| if ready { self.next_ready() } else { None })
    }

    /// Hands out the oldest messages, at most so many and at least one, and lets as many in the waiting line follow.
    /// When there is none and a task is given, the next message wakes it. None may be left over by the filter.
    pub(crate) fn take(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        if !self.takes_all {
            return self.take_few(max, out, task);
        }
        let (seen, wanted) = self.hand_out(max, &mut out);
        if seen == max {
            return Take::Taken(wanted);
        }
        match self.refill(task.filter(|_| seen == 0)) {
            Take::Taken(()) => Take::Taken(wanted + self.hand_out(max - seen, &mut out).1),
            nothing if seen == 0 => nothing.map(|()| 0),
            Take::Empty | Take::Closed => Take::Taken(wanted),
        }
    }

    /// Hands out what is at hand: says how many messages that were, and how many of them the filter wanted.
    fn hand_out(&mut self, max: usize, out: &mut impl FnMut(Delivery)) -> (usize, usize) {
        let (mut seen, mut wanted) = (0, 0);
        while seen < max && !self.is_drained() {
            seen += 1;
            if self.ask() {
                out(self.next());
                wanted += 1;
            }
        }
        (seen, wanted)
    }

    /// Hands out the oldest messages that were offered together. When there are none and a task is given, the next
    /// message wakes it. Where each message must be looked at it is one, or none because it is not wanted.
    pub(crate) fn take_batch(&mut self, task: Option<&Context<'_>>) -> Take<Option<Deliveries>> {
        if self.filter.is_some() || self.in_flight.is_some() {
            return self.take_one(task).map(|taken| taken.map(Deliveries::from));
        }
        if !self.takes_all {
            return self.mailbox.look(self.id, task, |state| self.mailbox.take_together(state));
        }
        if self.is_drained() {
            match self.refill(task) {
                Take::Taken(()) => {}
                nothing => return nothing.map(|()| None),
            }
        }
        Take::Taken(Some(self.next_together()))
    }

    /// The next messages that were offered together, at least one.
    fn next_together(&mut self) -> Deliveries {
        let Source::Leased(lease) = &self.source else { return self.next().into() };
        let Some(run) = lease.together(self.at as usize, self.end as usize) else {
            return self.next().into();
        };
        let messages = u64::from(self.end - self.at - 1);
        // As if all but the last one were passed by.
        let gap = gap(&mut self.last_out, self.number);
        (self.at, self.number) = (self.end - 1, self.number + messages);
        (self.last_out, self.handed_out) = (self.number - 1, self.handed_out + messages);
        drop(self.next());
        // It may have gone over a step.
        self.mailbox.count_out_last(self.handed_out);
        Deliveries::new(run, gap)
    }
}
