//! [`Consumer`]: the receiving end of a mailbox.
//!
//! # Why take the whole ring out at once?
//!
//! Publishers and consumer then meet at the lock once a batch and not once a message. What was taken out still counts
//! against the capacity until it is handed out. Where others have a say in which message is next, no more is taken than
//! is handed out: the members of a queue group share what is there, and under `DropOldest` the publisher evicts.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering::SeqCst},
    task::Context,
};

use crate::{
    Delivery, Overflow,
    few::Few,
    mailbox::{
        Mailbox, Take,
        state::{Entry, Phase},
    },
    router::SubscriberId,
};

/// One subscription's side of its mailbox.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: SubscriberId,
    pub(crate) mailbox: Arc<Mailbox>,
    /// Taken out of the ring and not yet handed out. Between two calls it holds something only with `Takes::All`.
    taken: VecDeque<Entry>,
    /// The number of the message handed out before the first in `taken`.
    last_out: u64,
    takes: Takes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    All,
    Few,
}

impl Consumer {
    pub(crate) fn new(id: SubscriberId, mailbox: Arc<Mailbox>) -> Self {
        let alone = mailbox.group.is_none() && mailbox.settings.overflow != Overflow::DropOldest;
        let takes = if alone { Takes::All } else { Takes::Few };
        Self { id, mailbox, taken: VecDeque::new(), last_out: 0, takes }
    }

    /// Hands out the oldest messages, at most so many and at least one, and lets as many in the waiting line follow.
    /// When there is none and a task is given, the next message wakes it.
    pub(crate) fn take(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        let mut handed_out = self.hand_out(max, &mut out);
        if handed_out < max {
            let task = task.filter(|_| handed_out == 0);
            match self.refill(max - handed_out, task) {
                Take::Taken(()) => handed_out += self.hand_out(max - handed_out, &mut out),
                Take::Empty if handed_out == 0 => return Take::Empty,
                Take::Closed if handed_out == 0 => return Take::Closed,
                Take::Empty | Take::Closed => {}
            }
        }
        if self.takes == Takes::All {
            self.mailbox.count_out(handed_out);
        }
        Take::Taken(handed_out)
    }

    fn hand_out(&mut self, max: usize, out: &mut impl FnMut(Delivery)) -> usize {
        let messages = max.min(self.taken.len());
        for Entry { number, message } in self.taken.drain(..messages) {
            let gap = number - self.last_out - 1;
            self.last_out = number;
            out(Delivery::new(message, gap));
        }
        messages
    }

    /// Takes messages out of the mailbox; nothing must be left of the last time.
    fn refill(&mut self, max: usize, task: Option<&Context<'_>>) -> Take<()> {
        let (mut state, mut wake) = (self.mailbox.lock(), Few::default());
        self.mailbox.admit(&mut state, &mut wake);
        let mut replaced = None;
        let take = if !state.ring.is_empty() {
            match self.takes {
                Takes::All => std::mem::swap(&mut self.taken, &mut state.ring),
                Takes::Few => {
                    let messages = max.min(state.ring.len());
                    self.taken.extend(state.ring.drain(..messages));
                    let last = self.taken.back().expect("the ring was not empty").number;
                    self.last_out = std::mem::replace(&mut state.last_out, last);
                    // Still under the lock, so that a full mailbox always has its oldest message in the ring.
                    self.mailbox.exit.handed_out.fetch_add(self.taken.len() as u64, SeqCst);
                    self.mailbox.admit(&mut state, &mut wake);
                }
            }
            Take::Taken(())
        } else if state.phase != Phase::Open {
            Take::Closed
        } else {
            replaced = task.and_then(|cx| state.parked.park(self.id, cx.waker()));
            Take::Empty
        };
        drop(state);
        wake.wake();
        drop(replaced);
        take
    }
}
