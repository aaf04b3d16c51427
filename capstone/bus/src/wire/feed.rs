//! [`Feed`]: one subscription of a connection, as the bus sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::codec::encode;
use super::outbound::Outbound;
use super::subjects::is_inbox;
use crate::outlet::{Origin, Outlet, Uptake};
use crate::{Headers, Message};

/// Encodes what it is offered straight into the buffer of its connection.
#[derive(Debug)]
pub(super) struct Feed {
    outbound: Arc<Outbound>,
    /// The client's own name for the subscription.
    sid: Bytes,
    /// The connection, if it does not want its own messages.
    deaf_to: Option<Origin>,
    headers: HeadersWanted,
    /// Changed only while the buffer is locked, so that none is sent beyond `max`.
    sent: AtomicU64,
    max: AtomicU64,
}

/// Whether the client understands headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadersWanted {
    Yes,
    No,
}

impl Feed {
    pub(super) fn new(
        outbound: &Arc<Outbound>,
        sid: Bytes,
        deaf_to: Option<Origin>,
        headers: HeadersWanted,
    ) -> Self {
        let (sent, max) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        Self { outbound: Arc::clone(outbound), sid, deaf_to, headers, sent, max }
    }

    /// Ends the subscription after so many messages, counted from its beginning. Says whether it is over already.
    pub(super) fn end_after(&self, max: u64) -> bool {
        self.max.store(max, Ordering::Relaxed);
        self.is_over()
    }

    /// Whether it has had all that it wanted.
    pub(super) fn is_over(&self) -> bool {
        self.sent.load(Ordering::Relaxed) >= self.max.load(Ordering::Relaxed)
    }

    /// Whether it ends by itself.
    pub(super) fn is_limited(&self) -> bool {
        self.max.load(Ordering::Relaxed) != u64::MAX
    }

    /// Tells the client that nobody is there to respond.
    pub(super) fn no_responders(&self, reply: &str) {
        if self.admit() {
            self.outbound.say(|out| encode::no_responders(out, reply, &self.sid));
        }
    }

    /// Relaxed is enough: whoever calls this holds the lock of the buffer, or is the connection itself.
    fn admit(&self) -> bool {
        let wanted = !self.is_over();
        if wanted {
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
        wanted
    }
}

impl Outlet for Feed {
    fn offer(&self, message: &Message, origin: Origin) -> Uptake {
        const NONE: &Headers = &Headers::new();
        if self.deaf_to == Some(origin) {
            return Uptake::Refused;
        }
        let headers = if self.headers == HeadersWanted::Yes { &message.headers } else { NONE };
        let outgoing = encode::Outgoing {
            topic: message.topic.as_str(),
            sid: &self.sid,
            reply: message.reply.as_ref().map(|reply| reply.as_str()),
            headers,
            payload: &message.payload,
        };
        let request = message.reply.as_ref().filter(|reply| is_inbox(reply));
        let request = request.map(|reply| (reply, &message.link));
        match self.outbound.send(&outgoing, request, || self.admit()) {
            Some(true) => Uptake::Enqueued,
            Some(false) => Uptake::Dropped,
            None => Uptake::Refused,
        }
    }

    fn pending(&self) -> usize {
        self.outbound.messages()
    }
}
