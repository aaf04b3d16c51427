//! What travels: a [`Message`] on the way in, an [`Envelope`] on the way out.
//!
//! Payloads are opaque bytes: nothing here looks inside them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use capstone_bus::Topic;
use thiserror::Error;
use uuid::Uuid;

use crate::lane::Lane;

/// Header names and values, in the order of their names.
pub type Headers = BTreeMap<String, String>;

/// Longest key, in bytes. A key names an entity (an order, a user); a longer one is a payload in disguise.
pub const KEY_BYTES_MAX: usize = 512;

/// Identifies a message for ever: consumers recognise a duplicate by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(Uuid);

impl MessageId {
    /// A fresh version 7 UUID: time first, so that new rows land at the end of the index.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// The UUID's 16 bytes, as stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Reads back what [`as_bytes`](Self::as_bytes) gave.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl From<Uuid> for MessageId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl FromStr for MessageId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A message to enqueue. Everything in it has been validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub(crate) id: MessageId,
    pub(crate) topic: Topic,
    pub(crate) key: Option<String>,
    pub(crate) headers: Headers,
    pub(crate) payload: Bytes,
}

impl Message {
    /// A message with a fresh id, no key and no headers.
    #[must_use]
    pub fn new(topic: Topic, payload: impl Into<Bytes>) -> Self {
        let id = MessageId::generate();
        Self { id, topic, key: None, headers: Headers::new(), payload: payload.into() }
    }

    /// Messages of one key are published in the order in which they were committed, one at a time.
    ///
    /// # Errors
    /// An empty key, or one longer than [`KEY_BYTES_MAX`].
    pub fn with_key(mut self, key: impl Into<String>) -> Result<Self, KeyError> {
        let key = key.into();
        match key.len() {
            0 => Err(KeyError::Empty),
            bytes if bytes > KEY_BYTES_MAX => Err(KeyError::TooLong { bytes }),
            _ => {
                self.key = Some(key);
                Ok(self)
            }
        }
    }

    /// Chooses the id, for example one that the caller keeps to enqueue again after an unknown outcome.
    #[must_use]
    pub fn with_id(mut self, id: MessageId) -> Self {
        self.id = id;
        self
    }

    /// Adds a header, or replaces the one of that name.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// The id that consumers recognise a duplicate by.
    #[must_use]
    pub fn id(&self) -> MessageId {
        self.id
    }
}

/// A key that cannot be one.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// `""`: leave the key out instead.
    #[error("the key is empty: leave it out for a message without order")]
    Empty,
    /// More than [`KEY_BYTES_MAX`] bytes.
    #[error("the key has {bytes} bytes, the limit is {KEY_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// Place of a row in its store: grows in commit order within a key. After a failover, a restore or a `TRUNCATE` a number may
/// come a second time, so a row is changed only by its [`RowId`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seq(pub i64);

impl Seq {
    /// Before the first row, whatever its number.
    pub const START: Self = Self(i64::MIN);
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One row and no other: its place, and the message that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// Its place.
    pub seq: Seq,
    /// Its message.
    pub id: MessageId,
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seq.fmt(f)
    }
}

/// A committed message as the relay reads it and a sink publishes it.
///
/// The topic and the headers are what the row holds: other programs may write rows too, so a sink that
/// needs them to be valid checks, and calls what is not [`Permanent`](crate::SinkError::Permanent).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// Place in the store.
    pub seq: Seq,
    /// The part of the store that it is in.
    pub lane: Lane,
    /// Identity across duplicates.
    pub id: MessageId,
    /// Where it goes.
    pub topic: String,
    /// Whose order it belongs to.
    pub key: Option<Arc<str>>,
    /// A JSON object of strings, as text: most sinks pass it on unread.
    pub headers_json: String,
    /// The caller's bytes.
    pub payload: Bytes,
}

impl Envelope {
    /// A row without key and headers, in the first lane: the other fields are for whoever brings it to set.
    #[must_use]
    pub fn new(seq: Seq, id: MessageId, topic: impl Into<String>, payload: impl Into<Bytes>) -> Self {
        let (lane, headers_json) = (Lane::default(), "{}".to_owned());
        Self { seq, lane, id, topic: topic.into(), key: None, headers_json, payload: payload.into() }
    }

    /// The headers as a map.
    ///
    /// # Errors
    /// The text is not a JSON object of strings.
    pub fn headers(&self) -> Result<Headers, serde_json::Error> {
        serde_json::from_str(&self.headers_json)
    }

    /// What this row must wait for: the earlier rows of its key or, without a key, nobody.
    #[must_use]
    pub fn ident(&self) -> Ident {
        match &self.key {
            Some(key) => Ident::Key(Arc::clone(key)),
            None => Ident::Row(self.seq),
        }
    }

    /// Which row it is.
    #[must_use]
    pub fn row(&self) -> RowId {
        RowId { seq: self.seq, id: self.id }
    }

    /// Bytes it takes in memory, near enough for a budget.
    #[must_use]
    pub fn weight(&self) -> usize {
        let key = self.key.as_ref().map_or(0, |key| key.len());
        size_of::<Self>() + self.topic.len() + key + self.headers_json.len() + self.payload.len()
    }
}

/// What is held back together: all rows of a key or, without a key, one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ident {
    /// Every row with this key.
    Key(Arc<str>),
    /// This row alone.
    Row(Seq),
}

impl Ident {
    /// The key, if it is one.
    pub(crate) fn key(&self) -> Option<&Arc<str>> {
        match self {
            Self::Key(key) => Some(key),
            Self::Row(_) => None,
        }
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "key \"{key}\""),
            Self::Row(seq) => write!(f, "row {seq}"),
        }
    }
}
