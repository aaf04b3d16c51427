//! How messages wait in front of a full mailbox: they come into its ring, go to another of their group, or are given up.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::Overflow;
use crate::base::few::Few;
use crate::base::sync::MutexGuard;
use crate::mailbox::line::{self, Span, Waiter};
use crate::mailbox::mailbox::{Follow, Inside, Mailbox};
use crate::mailbox::state::{Phase, State};
use crate::message::batch_slice::Run;

/// How long whoever is first in line stands beside a free place at most. A timer may take a millisecond more.
pub(crate) const LOOKS_AFTER: Duration = Duration::from_millis(4);

impl Mailbox {
    /// Puts messages into the waiting line, and moves on what has room because the consumer took some at this very
    /// moment. Returns those that wait, and how many do not.
    pub(super) fn line_up(&self, state: &mut State, rest: Run, wake: &mut Few<Waker>) -> (Span, usize) {
        let span = state.line_up(rest);
        self.admit(state, wake);
        let moved = state.line.moved_of(span);
        (span.skip(moved), moved)
    }

    /// Ready when the first of these messages has left the waiting line: with how many came into the ring, and those
    /// that are still there.
    pub(crate) fn poll_waited(&self, span: Span, cx: &mut Context<'_>) -> Poll<(usize, Span)> {
        let waker = cx.waker().clone();
        let (mut state, mut wake) = (self.lock(), Few::default());
        self.admit(&mut state, &mut wake);
        let (left, unused) = state.line.poll(span, waker);
        let polled = left.map(|left| (state.line.moved_of(span), left));
        drop(state);
        wake.wake();
        drop(unused);
        polled
    }

    /// Lets the first of these waiting messages go into another mailbox of their group, if that has room. Returns how
    /// many are not in this line any more, because they are in one of the two rings.
    pub(crate) fn give(&self, span: Span, other: &Self) -> usize {
        let (mut mine, mut others) = self.lock_with(other);
        let mut wake = Few::default();
        other.admit(&mut others, &mut wake);
        let moved = mine.line.moved_of(span);
        let left = span.skip(moved);
        let room = if others.is_open_to_all() { other.room(&mut others, left.len()) } else { 0 };
        let given = mine.give(left, room);
        let messages = given.as_ref().map_or(0, |given| given.run.len());
        let waker = given.and_then(|Waiter { run, waker, .. }| {
            others.place(run);
            others.parked.take(&mut wake);
            waker
        });
        if mine.line.is_empty() {
            self.nobody_waits();
        }
        drop((mine, others));
        wake.wake();
        drop(waker);
        moved + messages
    }

    /// Whether so many messages would have to wait for a place.
    pub(crate) fn lets_wait(&self, messages: usize) -> bool {
        let Overflow::Block { timeout } = self.settings.overflow else { return false };
        let mut state = self.lock();
        let ahead = state.follow.as_deref().map_or(0, Follow::ahead);
        let depth = self.depth(&mut state, ahead) + messages as u64;
        let full = depth > self.settings.capacity as u64 || !state.line.is_empty();
        state.phase == Phase::Open && full && !state.is_stalled() && !timeout.is_zero()
    }

    /// Ends a wait whose time is over; the mailbox is stalled if a message was still waiting. Returns how many came into
    /// the ring after all.
    pub(crate) fn expire(&self, span: Span) -> usize {
        self.give_up(span, State::stall)
    }

    /// Ends a wait whose publisher has gone away; without effect when it is over already.
    pub(crate) fn cancel(&self, span: Span) {
        self.give_up(span, |_| {});
    }

    fn give_up(&self, span: Span, and: impl FnOnce(&mut State)) -> usize {
        let (mut state, mut wake) = (self.lock(), Few::default());
        self.admit(&mut state, &mut wake);
        let moved = state.line.moved_of(span);
        let left = state.line.leave(span);
        if !left.is_empty() {
            state.dropped += line::count(&left) as u64;
            and(&mut state);
            match state.line.first_waker() {
                Some(next) => wake.push(next),
                None if state.line.is_empty() => self.nobody_waits(),
                None => {}
            }
        }
        drop(state);
        wake.wake();
        drop(left);
        moved
    }

    /// Whether a place may be free for a while although somebody waits.
    pub(crate) fn lets_in_late(&self) -> bool {
        self.places_at_once() > 1
    }

    /// How long these waiting messages are to wait before their publisher looks for a place itself: the further back,
    /// the longer, so that a long line does not come all at once. Whoever stands in front looks for those behind, too.
    pub(crate) fn looks_after(&self, span: Span) -> Duration {
        let place = u32::try_from(self.lock().line.place(span)).unwrap_or(u32::MAX);
        LOOKS_AFTER + LOOKS_AFTER / 8 * place
    }

    /// Always in the same order, so that two of them never wait for each other.
    fn lock_with<'a>(&'a self, other: &'a Self) -> (MutexGuard<'a, Inside>, MutexGuard<'a, Inside>) {
        if self.id < other.id {
            let mine = self.lock();
            (mine, other.lock())
        } else {
            let others = other.lock();
            (self.lock(), others)
        }
    }
}
