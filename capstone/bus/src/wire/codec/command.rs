//! [`Command`]: what a client says.

use bytes::Bytes;

/// One command, as it was sent: topics and patterns are not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `CONNECT {…}`: the JSON, not read yet.
    Connect(Bytes),
    /// `PING`.
    Ping,
    /// `PONG`.
    Pong,
    /// `PUB` or `HPUB`.
    Publish(Publish),
    /// `SUB`.
    Subscribe(Subscribe),
    /// `UNSUB`.
    Unsubscribe {
        /// Which subscription, by the client's own name for it.
        sid: Bytes,
        /// End it when it has had this many messages in all; at once without.
        max: Option<u64>,
    },
}

/// `SUB <subject> [queue group] <sid>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// What is subscribed to.
    pub subject: Bytes,
    /// The queue group to join.
    pub queue: Option<Bytes>,
    /// The client's own name for the subscription.
    pub sid: Bytes,
}

/// `PUB <subject> [reply-to] <bytes>`, or `HPUB <subject> [reply-to] <header bytes> <total bytes>`, with what follows it.
///
/// One piece of the read buffer, and where its parts begin: nothing is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The control line with its end, the header block, and the payload without its end.
    frame: Bytes,
    head: Head,
}

/// Where the parts of a [`Publish`] are, known once its control line is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) subject: (usize, usize),
    pub(super) reply: Option<(usize, usize)>,
    /// Bytes of the control line with its end.
    pub(super) line: usize,
    /// Bytes of the header block; absent in a `PUB`.
    pub(super) headers: Option<usize>,
    /// Bytes of header block and payload.
    pub(super) total: usize,
}

impl Publish {
    pub(super) fn new(frame: Bytes, head: Head) -> Self {
        debug_assert_eq!(frame.len(), head.line + head.total, "the frame is whole");
        Self { frame, head }
    }

    /// Where it is published.
    pub fn subject(&self) -> &[u8] {
        &self.frame[self.head.subject.0..self.head.subject.1]
    }

    /// Where a reply is to go.
    pub fn reply(&self) -> Option<&[u8]> {
        self.head.reply.map(|(from, to)| &self.frame[from..to])
    }

    /// The header block of an `HPUB`, whatever is in it.
    pub fn headers(&self) -> Option<&[u8]> {
        self.head.headers.map(|length| &self.frame[self.head.line..][..length])
    }

    /// Header block and payload; they share the read buffer.
    pub fn into_parts(mut self) -> (Bytes, Bytes) {
        let payload = self.frame.split_off(self.head.line + self.head.headers.unwrap_or_default());
        let headers =
            if self.head.headers.is_some() { self.frame.split_off(self.head.line) } else { Bytes::new() };
        (headers, payload)
    }
}
