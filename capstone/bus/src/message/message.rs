//! [`Message`]: what is published.

use std::fmt;

use bytes::Bytes;

use crate::message::link::Link;
use crate::{HeaderError, Headers, Topic};

/// A topic, headers and a payload, and perhaps where a reply goes.
///
/// Subscriptions share one message: a fan-out to a hundred of them copies nothing.
///
/// ```
/// use capstone_bus::{Message, Topic};
///
/// let message = Message::new(Topic::new("orders.created")?, r#"{"order":7}"#)
///     .with_header("content-type", "application/json")?;
/// assert_eq!(message.headers().get("content-type"), Some("application/json"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Message {
    /// Where it is published.
    pub topic: Topic,
    /// Bytes that the bus does not look into.
    pub payload: Bytes,
    /// Absent when it has none of it.
    more: Option<Box<More>>,
}

/// What most messages do not have.
///
/// # Why elsewhere?
///
/// So that a message is one cache line with the mark that it is there. Each line that goes from the publisher's processor to
/// a consumer's costs as much as all the rest of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct More {
    headers: Headers,
    reply: Option<Topic>,
    link: Link,
}

const _: () = assert!(size_of::<Message>() == 56);

static NOTHING_MORE: More = More { headers: Headers::new(), reply: None, link: Link::NONE };

impl Message {
    /// A message without headers.
    #[inline]
    pub fn new(topic: Topic, payload: impl Into<Bytes>) -> Self {
        Self { topic, payload: payload.into(), more: None }
    }

    /// Names and values that travel with it.
    pub fn headers(&self) -> &Headers {
        &self.more().headers
    }

    /// To change them.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.more_mut().headers
    }

    /// Where a reply is to be published; absent when none is wanted.
    ///
    /// A [request](crate::Bus::request) sets it. Any topic may be set by hand, and whoever subscribes to it gets the
    /// replies.
    pub fn reply(&self) -> Option<&Topic> {
        self.more().reply.as_ref()
    }

    /// Asks for replies, to be published on this topic; or for none.
    pub fn set_reply(&mut self, reply: Option<Topic>) {
        if reply.is_some() || self.more.is_some() {
            self.more_mut().reply = reply;
        }
    }

    /// As [`set_reply`](Self::set_reply).
    #[must_use]
    pub fn with_reply(mut self, reply: Topic) -> Self {
        self.set_reply(Some(reply));
        self
    }

    /// Has these headers, and no others.
    #[must_use]
    pub fn with_headers(mut self, headers: Headers) -> Self {
        *self.headers_mut() = headers;
        self
    }

    /// Adds a header behind the others.
    ///
    /// # Errors
    ///
    /// The name or the value cannot be a header.
    pub fn with_header(
        mut self,
        name: impl Into<Box<str>>,
        value: impl Into<Box<str>>,
    ) -> Result<Self, HeaderError> {
        self.headers_mut().append(name, value)?;
        Ok(self)
    }

    /// Back to the bus, for who responds.
    pub(crate) fn link(&self) -> &Link {
        &self.more().link
    }

    pub(crate) fn set_link(&mut self, link: Link) {
        self.more_mut().link = link;
    }

    /// Lets go of the buffer that it was read into: a small message would keep a large one in memory, for as long as it lies
    /// in a mailbox.
    #[cfg(feature = "wire")]
    pub(crate) fn detach(&mut self) {
        self.payload = Bytes::copy_from_slice(&self.payload);
        if let Some(block) = self.headers().block() {
            *self.headers_mut() = Headers::from_block(Bytes::copy_from_slice(block));
        }
    }

    fn more(&self) -> &More {
        self.more.as_deref().unwrap_or(&NOTHING_MORE)
    }

    fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.topic == other.topic && self.payload == other.payload && self.more() == other.more()
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("topic", &self.topic)
            .field("headers", self.headers())
            .field("payload", &self.payload)
            .field("reply", &self.reply())
            .finish_non_exhaustive()
    }
}
