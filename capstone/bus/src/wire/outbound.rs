//! [`Outbound`]: what waits to be written to one connection, from all of its subscriptions and from the connection itself.
//!
//! # Why one backlog of bytes, and not a queue for each subscription?
//!
//! Clients rely on it: messages arrive in the order of publishing across subscriptions, and a `PONG` comes behind
//! everything that was published before the `PING`. It is also the cheapest: a message is encoded once, where it is
//! going to be written from, and one write takes everything that has come together.
//!
//! # Full
//!
//! Above three quarters of `pending_max` publishing connections are held up a little, see
//! [`Connection`](super::connection::Connection). Publishers inside of the process never are. A connection has failed as
//! too slow when more than `pending_max` waits for it, when too much waits for all of them and the most for it, or when
//! what waited at one moment is not written within `write_within`: that is a rate, and no matter of how the operating
//! system cuts it into pieces.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::Limits;
use super::backlog::{Backlog, Block};
use super::batch::Batch;
use super::codec::encode;
use super::pool::Pool;
use super::responses::Responses;
use crate::Topic;
use crate::message::link::Link;

/// Requests of this process that one connection may have to reply to; the oldest is given up for the next.
const REPLIES_MAX: usize = 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Outbound {
    limits: Limits,
    pool: Arc<Pool>,
    me: Weak<Self>,
    /// Of the standard library: locked to append a message or to take them all, and never across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    phase: Phase,
    backlog: Backlog,
    /// What the pool counts of the backlog.
    counted: usize,
    /// The writer, when it found nothing.
    writer: Option<Waker>,
    /// The writer, when the socket takes nothing: only the end of the connection wakes it.
    stuck: Option<Waker>,
    /// Publishers that wait for room.
    waiting: Vec<Waker>,
    /// Requests of this process that went out: their replies are the only ones that the client may publish.
    replies: VecDeque<(Topic, Link)>,
    /// Where a user may respond who may not publish there otherwise.
    responses: Option<Responses>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Takes nothing more; the writer ends when all is written.
    Finishing,
    /// The client is too slow; the writer ends at once.
    Slow(Lag),
    Closed,
}

/// Why writing has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WriteEnd {
    /// All is written, and nothing more will come.
    Finished,
    /// The client takes what it gets too slowly, or not at all.
    Slow(Lag),
    /// The connection is gone.
    Lost,
}

/// How a client is too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lag {
    /// More waits for it than may.
    Bytes,
    /// More waits for all than may, and the most for it.
    Total,
    /// It did not take in time what waited.
    Time,
}

/// How much of what waited at one moment is to be written, and until when.
#[derive(Debug)]
struct Stint {
    left: usize,
    until: Instant,
}

impl Outbound {
    pub(super) fn new(limits: Limits, pool: Arc<Pool>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self { limits, pool, me: Weak::clone(me), state: Mutex::default() })
    }

    /// Appends whatever the function writes. Takes nothing once the connection ends, and says so.
    pub(super) fn say(&self, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return false;
        }
        state.backlog.append(write);
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
        if let (Some(responses), Some(reply)) = (&mut state.responses, message.reply) {
            responses.expect(reply);
        }
        state.backlog.append_message(|out| encode::message(out, message));
        let pressed = !self.has_room(&state);
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
        let pending = state.backlog.pending();
        if pending > self.limits.pending_max {
            self.forget(state, Phase::Slow(Lag::Bytes));
            return false;
        }
        let is_too_much = self.pool.count(&self.me, &mut state.counted, pending);
        let writer = state.writer.take();
        drop(state);
        if let Some(waker) = writer {
            Batch::wake(waker);
        }
        if is_too_much {
            self.pool.relieve();
        }
        true
    }

    /// Gives up the place of a reply, if this client was asked for it.
    pub(super) fn take_request(&self, reply: &Topic) -> Option<Link> {
        let mut state = self.lock();
        let at = state.replies.iter().position(|(topic, _)| topic == reply)?;
        state.replies.remove(at).map(|(_, link)| link)
    }

    /// Notes from now on where messages that are sent want their replies, or does not.
    pub(super) fn expect_responses(&self, responses: Option<Responses>) {
        self.lock().responses = responses;
    }

    /// Gives up the place of a response, if this client was asked for it.
    pub(super) fn take_response(&self, reply: &Topic) -> bool {
        self.lock().responses.as_mut().is_some_and(|responses| responses.take(reply.as_str()))
    }

    /// Messages that are not written yet.
    pub(super) fn messages(&self) -> usize {
        self.lock().backlog.messages()
    }

    /// Bytes that are not written yet.
    pub(super) fn pending(&self) -> usize {
        self.lock().backlog.pending()
    }

    /// Ready when the client has caught up, or never will.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.phase != Phase::Open || self.has_room(&state) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn has_room(&self, state: &State) -> bool {
        state.backlog.pending() <= self.limits.pending_max / 4 * 3
    }

    /// Takes nothing more. What is there is still written, then [`write_to`](Self::write_to) ends.
    pub(super) fn finish(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Finishing;
        }
        wake_all(state);
    }

    /// Takes nothing more and forgets what is there; whoever waits for room goes on.
    pub(super) fn close(&self) {
        self.forget(self.lock(), Phase::Closed);
    }

    /// Ends the connection, so that the others have room.
    pub(super) fn cut_for_others(&self) {
        self.forget(self.lock(), Phase::Slow(Lag::Total));
    }

    fn forget(&self, mut state: MutexGuard<'_, State>, phase: Phase) {
        state.phase = phase;
        self.pool.count(&self.me, &mut state.counted, 0);
        let forgotten = (std::mem::take(&mut state.backlog), std::mem::take(&mut state.replies));
        wake_all(state);
        // Without the lock: the end of a link wakes its request.
        drop(forgotten);
    }

    /// Writes what comes, everything that has come together at once, until the connection ends.
    pub(super) async fn write_to(&self, socket: &mut (impl AsyncWrite + Unpin)) -> WriteEnd {
        match self.write_all(socket).await {
            Ok(()) => WriteEnd::Finished,
            Err(end) => end,
        }
    }

    async fn write_all(&self, socket: &mut (impl AsyncWrite + Unpin)) -> Result<(), WriteEnd> {
        let mut block = Block::default();
        let mut stint = Stint { left: 0, until: Instant::now() };
        while poll_fn(|cx| self.poll_take(cx, &mut block)).await? {
            let mut rest = &block.bytes[..];
            while !rest.is_empty() {
                stint = self.next_stint(stint);
                let count = self.in_time(stint.until, socket.write(rest)).await?;
                if count == 0 {
                    return Err(WriteEnd::Lost);
                }
                rest = &rest[count..];
                stint.left = stint.left.saturating_sub(count);
                self.wrote(count)?;
            }
            // What is encrypted may be written only now.
            stint = self.next_stint(stint);
            self.in_time(stint.until, socket.flush()).await?;
            self.lock().backlog.settle(&block);
        }
        Ok(())
    }

    /// The same one until all of it is written.
    fn next_stint(&self, stint: Stint) -> Stint {
        match stint.left {
            0 => Stint { left: self.pending(), until: Instant::now() + self.limits.write_within },
            _ => stint,
        }
    }

    /// Carries out something on the socket, if the connection is not cut off before.
    async fn in_time<T>(
        &self,
        until: Instant,
        io: impl Future<Output = std::io::Result<T>>,
    ) -> Result<T, WriteEnd> {
        let mut io = pin!(io);
        let done = poll_fn(|cx| match io.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(done.map_err(|_| WriteEnd::Lost)),
            Poll::Pending => self.poll_cut(cx).map(Err),
        });
        timeout_at(until, done).await.unwrap_or(Err(WriteEnd::Slow(Lag::Time)))
    }

    /// Exchanges what was written for what there is; says no when there is nothing and nothing will come.
    fn poll_take(&self, cx: &mut Context<'_>, block: &mut Block) -> Poll<Result<bool, WriteEnd>> {
        let mut state = self.lock();
        if let Phase::Slow(lag) = state.phase {
            return Poll::Ready(Err(WriteEnd::Slow(lag)));
        }
        if state.backlog.take(block) {
            return Poll::Ready(Ok(true));
        }
        if state.phase != Phase::Open {
            return Poll::Ready(Ok(false));
        }
        let replaced = state.writer.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Ready when the connection is cut off while the socket takes nothing.
    fn poll_cut(&self, cx: &mut Context<'_>) -> Poll<WriteEnd> {
        let mut state = self.lock();
        if let Phase::Slow(lag) = state.phase {
            return Poll::Ready(WriteEnd::Slow(lag));
        }
        let replaced = state.stuck.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Notes what was written, and lets publishers go on when there is room.
    fn wrote(&self, count: usize) -> Result<(), WriteEnd> {
        let mut state = self.lock();
        state.backlog.wrote(count);
        if let Phase::Slow(lag) = state.phase {
            return Err(WriteEnd::Slow(lag));
        }
        let pending = state.backlog.pending();
        self.pool.count(&self.me, &mut state.counted, pending);
        let waiting = if self.has_room(&state) { std::mem::take(&mut state.waiting) } else { Vec::new() };
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing that can panic runs under this lock")
    }
}

impl State {
    fn remember(&mut self, reply: &Topic, link: &Link) -> Option<(Topic, Link)> {
        let evicted = if self.replies.len() == REPLIES_MAX { self.replies.pop_front() } else { None };
        self.replies.push_back((reply.clone(), link.clone()));
        evicted
    }
}

/// Without the lock: whoever is woken may ask at once.
fn wake_all(mut state: MutexGuard<'_, State>) {
    let writer = [state.writer.take(), state.stuck.take()];
    let waiting = std::mem::take(&mut state.waiting);
    drop(state);
    writer.into_iter().flatten().chain(waiting).for_each(Waker::wake);
}
