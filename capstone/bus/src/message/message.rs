//! [`Message`]: what is published.

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
/// assert_eq!(message.headers.get("content-type"), Some("application/json"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Where it is published.
    pub topic: Topic,
    /// Names and values that travel with it.
    pub headers: Headers,
    /// Bytes that the bus does not look into.
    pub payload: Bytes,
    /// Where a reply is to be published; absent when none is wanted.
    ///
    /// A [request](crate::Bus::request) sets it. Any topic may be set by hand, and whoever subscribes to it gets the
    /// replies.
    pub reply: Option<Topic>,
    /// Back to the bus, for who responds.
    pub(crate) link: Link,
}

impl Message {
    /// A message without headers.
    pub fn new(topic: Topic, payload: impl Into<Bytes>) -> Self {
        Self { topic, headers: Headers::new(), payload: payload.into(), reply: None, link: Link::default() }
    }

    /// Lets go of the buffer that it was read into: a small message would keep a large one in memory, for as long as it lies
    /// in a mailbox.
    #[cfg(feature = "wire")]
    pub(crate) fn detach(&mut self) {
        self.payload = Bytes::copy_from_slice(&self.payload);
        if let Some(block) = self.headers.block() {
            self.headers = Headers::from_block(Bytes::copy_from_slice(block));
        }
    }

    /// Asks for replies, to be published on this topic.
    #[must_use]
    pub fn with_reply(mut self, reply: Topic) -> Self {
        self.reply = Some(reply);
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
        self.headers.append(name, value)?;
        Ok(self)
    }
}
