//! [`Feed`]: one subscription of a connection, as the bus sees it; and [`Client`], what all of them share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::codec::{Connect, encode};
use super::outbound::Outbound;
use super::permissions::Hidden;
use super::subjects::is_inbox;
use crate::router::outlet::{Origin, Outlet, Uptake};
use crate::{Headers, Message, Topic};

/// The client at the other end of a connection, as its subscriptions see it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) outbound: Arc<Outbound>,
    origin: Origin,
    /// It wants its own messages.
    echo: AtomicBool,
    /// It understands headers.
    headers: AtomicBool,
    /// It takes an `INFO` at any time.
    takes_info: AtomicBool,
    /// Names of subscriptions that have ended by themselves. Of the standard library: locked to add one or to take them all.
    ended: Mutex<Vec<Bytes>>,
    has_ended: AtomicBool,
}

impl Client {
    pub(super) fn new(outbound: Arc<Outbound>, origin: Origin) -> Self {
        Self {
            outbound,
            origin,
            echo: AtomicBool::new(true),
            headers: AtomicBool::new(false),
            takes_info: AtomicBool::new(false),
            ended: Mutex::default(),
            has_ended: AtomicBool::new(false),
        }
    }

    /// What the client has said it wants; also for subscriptions that are there.
    pub(super) fn wants(&self, options: &Connect) {
        self.echo.store(options.echo, Ordering::Relaxed);
        self.headers.store(options.headers, Ordering::Relaxed);
        self.takes_info.store(options.protocol > 0, Ordering::Relaxed);
    }

    pub(super) fn takes_info(&self) -> bool {
        self.takes_info.load(Ordering::Relaxed)
    }

    /// Names of subscriptions that may have ended since this was asked last.
    pub(super) fn take_ended(&self) -> Vec<Bytes> {
        // Usually none has, and that costs no lock. One that ends just now is found the next time.
        if !self.has_ended.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut ended = self.ended();
        self.has_ended.store(false, Ordering::Relaxed);
        std::mem::take(&mut ended)
    }

    fn add_ended(&self, sid: &Bytes) {
        let mut ended = self.ended();
        ended.push(sid.clone());
        self.has_ended.store(true, Ordering::Relaxed);
    }

    fn ended(&self) -> std::sync::MutexGuard<'_, Vec<Bytes>> {
        self.ended.lock().expect("nothing that can panic runs under this lock")
    }
}

/// Encodes what it is offered straight into the buffer of its connection.
#[derive(Debug)]
pub(super) struct Feed {
    client: Arc<Client>,
    /// The client's own name for the subscription.
    sid: Bytes,
    /// What its user may not get.
    hidden: Option<Hidden>,
    /// Changed only while the buffer is locked, so that none is sent beyond `max`.
    sent: AtomicU64,
    max: AtomicU64,
}

impl Feed {
    pub(super) fn new(client: &Arc<Client>, sid: Bytes, hidden: Option<Hidden>) -> Self {
        let (sent, max) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        Self { client: Arc::clone(client), sid, hidden, sent, max }
    }

    /// Ends the subscription after so many messages, counted from its beginning. Says whether it is over already.
    pub(super) fn end_after(&self, max: u64) -> bool {
        self.max.store(max, Ordering::SeqCst);
        self.is_over()
    }

    /// Whether it has had all that it wanted.
    pub(super) fn is_over(&self) -> bool {
        self.sent.load(Ordering::SeqCst) >= self.max.load(Ordering::SeqCst)
    }

    /// Whether one more message is wanted, which is counted. Runs under the lock of the buffer.
    ///
    /// Sequentially consistent, against [`end_after`](Self::end_after) on another thread: each writes and then reads what the
    /// other writes, so one of them sees that this was the last.
    fn admit(&self) -> bool {
        if self.is_over() {
            return false;
        }
        self.sent.fetch_add(1, Ordering::SeqCst);
        if self.is_over() {
            self.client.add_ended(&self.sid);
        }
        true
    }
}

impl Outlet for Feed {
    fn offer(&self, message: &Message, origin: Origin) -> Uptake {
        const NONE: &Headers = &Headers::new();
        let client = &self.client;
        let is_own = client.origin == origin && !client.echo.load(Ordering::Relaxed);
        if is_own || self.hidden.as_ref().is_some_and(|hidden| hidden.hides(&message.topic)) {
            return Uptake::Refused;
        }
        let outgoing = encode::Outgoing {
            topic: message.topic.as_str(),
            sid: &self.sid,
            reply: message.reply().map(|reply| reply.as_str()),
            headers: if client.headers.load(Ordering::Relaxed) { message.headers() } else { NONE },
            payload: &message.payload,
        };
        let request = message.reply().filter(|reply| is_inbox(reply));
        let request = request.map(|reply| (reply, message.link()));
        match client.outbound.send(&outgoing, request, || self.admit()) {
            Some(true) => Uptake::Enqueued,
            Some(false) => Uptake::Dropped,
            None => Uptake::Refused,
        }
    }

    fn pending(&self) -> usize {
        self.client.outbound.messages()
    }

    fn unanswered(&self, subject: &[u8], reply: &Topic, asker: Origin) -> bool {
        let is_mine = self.client.origin == asker && !self.is_over();
        is_mine
            && self.client.outbound.say(|out| encode::no_responders(out, reply.as_str(), &self.sid, subject))
    }
}
