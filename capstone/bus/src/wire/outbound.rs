//! [`Outbound`]: what waits to be written to one connection, from all of its subscriptions and from the connection itself.
//!
//! # Why one buffer of bytes, and not a queue for each subscription?
//!
//! Clients rely on it: messages arrive in the order of publishing across subscriptions, and a `PONG` comes behind
//! everything that was published before the `PING`. It is also the cheapest: a message is encoded once, where it is
//! going to be written from, and one write takes everything that has come together.
//!
//! # Full
//!
//! Above `pending_high` publishing connections wait, until half of it is written. Publishers inside of the process do
//! not: they may fill it up to `pending_max`. Beyond that, or when nothing could be written for `progress_within`, the
//! connection has failed as too slow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::Limits;
use super::batch::Batch;
use super::codec::encode;
use crate::Topic;
use crate::replies::Link;

/// A buffer that has grown larger than this is given back when it is empty.
const CAPACITY_KEPT: usize = 256 << 10;
/// Requests of this process that one connection may have to reply to; the oldest is given up for the next.
const REPLIES_MAX: usize = 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Outbound {
    limits: Limits,
    /// Of the standard library: locked to append a message or to take them all, and never across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    phase: Phase,
    /// What the writer has not taken yet.
    bytes: Vec<u8>,
    /// Messages in `bytes`, and in what is being written.
    messages: (usize, usize),
    /// Bytes that the writer has taken and not yet written.
    writing: usize,
    /// The writer, when it found nothing.
    writer: Option<Waker>,
    /// Publishers that wait for room.
    waiting: Vec<Waker>,
    /// Requests of this process that went out: their replies are the only ones that the client may publish.
    replies: VecDeque<(Topic, Link)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Takes nothing more; the writer ends when all is written.
    Finishing,
    /// Too much was pending; the writer ends at once.
    Slow,
    Closed,
}

/// Why writing has ended.
#[derive(Debug)]
pub(super) enum WriteEnd {
    /// All is written, and nothing more will come.
    Finished,
    /// The client takes what it gets too slowly, or not at all.
    Slow,
    /// The connection is gone.
    Lost,
}

impl Outbound {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, state: Mutex::default() })
    }

    /// Appends whatever the function writes. Takes nothing once the connection ends, and says so.
    pub(super) fn say(&self, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return false;
        }
        write(&mut state.bytes);
        self.appended(state);
        true
    }

    /// Appends a message, if `admit` still wants it once nobody else can append.
    ///
    /// `None` when the connection takes nothing more, or does not want it; false when this was the one that was too much.
    pub(super) fn send(
        self: &Arc<Self>,
        message: &encode::Outgoing<'_>,
        request: Option<(&Topic, &Link)>,
        admit: impl FnOnce() -> bool,
    ) -> Option<bool> {
        let mut state = self.lock();
        if state.phase != Phase::Open || !admit() {
            return None;
        }
        let evicted = request.and_then(|(reply, link)| state.remember(reply, link));
        encode::message(&mut state.bytes, message);
        state.messages.0 += 1;
        let pressed = state.pending() > self.limits.pending_high;
        let kept = self.appended(state);
        // Dropped without the lock: the end of a link wakes the request.
        drop(evicted);
        if pressed {
            Batch::press(self);
        }
        Some(kept)
    }

    /// Says whether the connection can still be written to.
    fn appended(&self, mut state: MutexGuard<'_, State>) -> bool {
        let kept = state.pending() <= self.limits.pending_max;
        let mut waiting = Vec::new();
        if !kept {
            state.phase = Phase::Slow;
            state.bytes = Vec::new();
            waiting = std::mem::take(&mut state.waiting);
        }
        let writer = state.writer.take();
        drop(state);
        if let Some(waker) = writer {
            Batch::wake(waker);
        }
        waiting.into_iter().for_each(Waker::wake);
        kept
    }

    /// Gives up the place of a reply, if this client was asked for it.
    pub(super) fn take_request(&self, reply: &Topic) -> Option<Link> {
        let mut state = self.lock();
        let at = state.replies.iter().position(|(topic, _)| topic == reply)?;
        state.replies.remove(at).map(|(_, link)| link)
    }

    /// Messages that are not written yet.
    pub(super) fn messages(&self) -> usize {
        let state = self.lock();
        state.messages.0 + state.messages.1
    }

    /// Ready when the client has caught up, or never will.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.phase != Phase::Open || state.pending() <= self.limits.pending_high {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Takes nothing more. What is there is still written, then [`write_to`](Self::write_to) ends.
    pub(super) fn finish(&self) {
        self.end(Phase::Finishing, |_| {});
    }

    /// Takes nothing more and forgets what is there; whoever waits for room goes on.
    pub(super) fn close(&self) {
        let mut forgotten = (Vec::new(), VecDeque::new());
        self.end(Phase::Closed, |state| {
            forgotten = (std::mem::take(&mut state.bytes), std::mem::take(&mut state.replies));
        });
    }

    fn end(&self, phase: Phase, and: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        if state.phase == Phase::Open || phase == Phase::Closed {
            state.phase = phase;
        }
        and(&mut state);
        let writer = state.writer.take();
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        writer.into_iter().chain(waiting).for_each(Waker::wake);
    }

    /// Writes what comes, everything that has come together at once, until the connection ends.
    pub(super) async fn write_to(&self, socket: &mut (impl AsyncWrite + Unpin)) -> WriteEnd {
        let mut chunk = Vec::new();
        loop {
            if let Some(end) = std::future::poll_fn(|cx| self.poll_take(cx, &mut chunk)).await {
                return end;
            }
            let mut rest = &chunk[..];
            while !rest.is_empty() {
                let written = tokio::time::timeout(self.limits.progress_within, socket.write(rest)).await;
                match written {
                    Ok(Ok(0) | Err(_)) => return WriteEnd::Lost,
                    Ok(Ok(count)) => rest = &rest[count..],
                    Err(_elapsed) => return WriteEnd::Slow,
                }
                self.wrote(rest.len());
                if self.lock().phase == Phase::Slow {
                    return WriteEnd::Slow;
                }
            }
            chunk.clear();
            if chunk.capacity() > CAPACITY_KEPT {
                chunk = Vec::new();
            }
        }
    }

    /// Exchanges an empty buffer for what there is; with an end when there is nothing and nothing will come.
    fn poll_take(&self, cx: &mut Context<'_>, chunk: &mut Vec<u8>) -> Poll<Option<WriteEnd>> {
        let mut state = self.lock();
        match state.phase {
            Phase::Slow => return Poll::Ready(Some(WriteEnd::Slow)),
            Phase::Open | Phase::Finishing | Phase::Closed if !state.bytes.is_empty() => {
                std::mem::swap(&mut state.bytes, chunk);
                state.writing = chunk.len();
                state.messages = (0, state.messages.0);
                return Poll::Ready(None);
            }
            Phase::Finishing | Phase::Closed => return Poll::Ready(Some(WriteEnd::Finished)),
            Phase::Open => {}
        }
        let replaced = state.writer.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Notes how much of what was taken is left to write, and lets publishers go on when there is room.
    fn wrote(&self, left: usize) {
        let mut state = self.lock();
        state.writing = left;
        if left == 0 {
            state.messages.1 = 0;
        }
        // Not at the first free byte: publishers would stop again at once.
        if state.pending() > self.limits.pending_high / 2 {
            return;
        }
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing that can panic runs under this lock")
    }
}

impl State {
    fn pending(&self) -> usize {
        self.bytes.len() + self.writing
    }

    fn remember(&mut self, reply: &Topic, link: &Link) -> Option<(Topic, Link)> {
        let evicted = if self.replies.len() == REPLIES_MAX { self.replies.pop_front() } else { None };
        self.replies.push_back((reply.clone(), link.clone()));
        evicted
    }
}
