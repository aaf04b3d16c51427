//! [`Message`]: what is published.

use bytes::Bytes;

use crate::{HeaderError, Headers, Topic};

/// A topic, headers and a payload.
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
}

impl Message {
    /// A message without headers.
    pub fn new(topic: Topic, payload: impl Into<Bytes>) -> Self {
        Self { topic, headers: Headers::new(), payload: payload.into() }
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
