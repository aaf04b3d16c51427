//! How messages come into a mailbox.

use std::sync::Arc;
use std::time::Duration;

use crate::Overflow;
use crate::base::few::Few;
use crate::base::sync::MutexGuard;
use crate::mailbox::line::Span;
use crate::mailbox::mailbox::{After, Inside, Mailbox, wake_parked};
use crate::mailbox::node::{At, Stored};
use crate::mailbox::state::{Phase, State};
use crate::message::batch_slice::Run;

/// What is offered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Letter<'a> {
    Run(&'a Run),
    /// A message that lies in a log.
    At(&'a At),
}

impl Letter<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Run(run) => run.len(),
            Self::At(_) => 1,
        }
    }

    /// To lie elsewhere.
    fn to_run(self) -> Run {
        match self {
            Self::Run(run) => run.clone(),
            Self::At(At { stored: Stored::Lone(message), .. }) => Run::One(Arc::clone(message)),
            Self::At(at) => Run::one(at.message().clone()),
        }
    }
}

/// Whether the publisher can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    Never,
}

/// What became of an offer of one or more messages.
#[derive(Debug)]
pub(crate) enum Offer {
    /// All of them.
    Enqueued,
    /// The first `enqueued` have a place, the others have not.
    Dropped { enqueued: usize, dropped: usize },
    /// As before, and the mailbox has ended because of it: it is to be taken out of the table.
    Disconnected { enqueued: usize, dropped: usize },
    /// The first `enqueued` have a place, the others stand in the waiting line.
    Waiting { enqueued: usize, span: Span, timeout: Duration },
    /// The bus was closed or the subscription dropped after the match: as if it had never matched.
    Gone,
}

impl Mailbox {
    /// Gives each message a number and a place, or drops it, by this mailbox's policy. Never waits. Where headers are
    /// filtered, messages are offered one by one.
    #[inline]
    pub(crate) fn offer(&self, letter: Letter<'_>, source: usize, patience: Patience) -> Offer {
        if self.is_selective()
            && let Letter::Run(messages) = letter
        {
            debug_assert!(messages.len() == 1, "each for itself");
            if !messages.iter().all(|message| self.settings.headers.wants(message)) {
                return Offer::Gone;
            }
        }
        let mut inside = self.lock_unfollowed();
        inside.streak = if inside.source == source { inside.streak.saturating_add(1) } else { 1 };
        inside.source = source;
        if self.is_usual(&mut inside, letter.len()) {
            match letter {
                Letter::Run(messages) => inside.place(messages.clone()),
                Letter::At(at) => inside.place_at(at),
            }
            wake_parked(inside);
            return Offer::Enqueued;
        }
        self.offer_at_length(inside, letter, patience)
    }

    /// Gives one message a place, or leaves it alone where there is none: absent, and it has no number then.
    pub(crate) fn offer_if_room(&self, message: &Run) -> Option<Offer> {
        if !message.iter().all(|message| self.settings.headers.wants(message)) {
            return Some(Offer::Gone);
        }
        let (mut inside, mut wake) = (self.lock(), Few::default());
        if inside.phase != Phase::Open {
            return Some(Offer::Gone);
        }
        self.admit(&mut inside, &mut wake);
        let has_room = self.is_usual(&mut inside, 1);
        if has_room {
            inside.place(message.clone());
            inside.parked.take(&mut wake);
        }
        drop(inside);
        wake.wake();
        has_room.then_some(Offer::Enqueued)
    }

    /// The same where messages wait, or where there is no room for all.
    fn offer_at_length(
        &self,
        mut inside: MutexGuard<'_, Inside>,
        letter: Letter<'_>,
        patience: Patience,
    ) -> Offer {
        if inside.phase != Phase::Open {
            return Offer::Gone;
        }
        let mut after = After::default();
        self.admit(&mut inside, &mut after.wake);
        let room = if inside.line.is_empty() { self.room(&mut inside, letter.len()) } else { 0 };
        let (placed, rest) = letter.to_run().split_at(room);
        let enqueued = placed.as_ref().map_or(0, |placed| placed.len());
        placed.into_iter().for_each(|placed| inside.place(placed));
        let offer = match rest {
            None => Offer::Enqueued,
            Some(rest) => self.overflow(&mut inside, enqueued, rest, patience, &mut after),
        };
        inside.parked.take(&mut after.wake);
        drop(inside);
        after.now();
        offer
    }

    /// What happens to messages for which there is no room.
    fn overflow(
        &self,
        state: &mut State,
        placed: usize,
        rest: Run,
        patience: Patience,
        after: &mut After,
    ) -> Offer {
        let dropped = Offer::Dropped { enqueued: placed, dropped: rest.len() };
        match self.settings.overflow {
            Overflow::Block { timeout } => {
                if patience == Patience::Never || timeout.is_zero() || state.is_stalled() {
                    state.drop_offered(rest.len());
                    return dropped;
                }
                let (span, moved) = self.line_up(state, rest, &mut after.wake);
                if span.is_empty() {
                    return Offer::Enqueued;
                }
                Offer::Waiting { enqueued: placed + moved, span, timeout }
            }
            Overflow::DropOldest => {
                // The mailbox is full, and its consumer takes out no more than it hands out, so that the ring is all there is.
                for message in rest.singles() {
                    state.evict(1, &mut after.evicted.entries);
                    state.place(message);
                }
                Offer::Enqueued
            }
            Overflow::DropNewest => {
                state.drop_offered(rest.len());
                dropped
            }
            Overflow::Disconnect => {
                state.drop_offered(rest.len());
                state.phase = Phase::Slow;
                Offer::Disconnected { enqueued: placed, dropped: rest.len() }
            }
        }
    }
}
