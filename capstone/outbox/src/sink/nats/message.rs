//! What is published for a row: its headers and payload, if a server can take them.

use std::str::FromStr;

use async_nats::jetstream::message::PublishMessage;
use async_nats::{HeaderMap, HeaderName, HeaderValue};
use capstone_bus::Topic;

use crate::message::Envelope;
use crate::sink::SinkError;

/// Rows may come from other programs, so nothing in them is taken for valid.
pub(super) fn message(envelope: &Envelope) -> Result<PublishMessage, SinkError> {
    let permanent =
        |what: &str, error: &dyn std::fmt::Display| SinkError::Permanent(format!("{what}: {error}"));
    let topic: Topic = envelope.topic.parse().map_err(|error| permanent("topic", &error))?;
    if topic.as_ref().starts_with(['$', '_']) {
        return Err(permanent("topic", &"belongs to the server"));
    }
    let mut headers = HeaderMap::new();
    let given = envelope.headers().map_err(|error| permanent("headers", &error))?;
    let id = envelope.id.to_string();
    let ours = [
        ("outbox-id".to_owned(), id.clone()),
        ("outbox-seq".to_owned(), envelope.seq.to_string()),
        ("Nats-Msg-Id".to_owned(), id),
    ];
    let key = envelope.key.as_ref().map(|key| ("outbox-key".to_owned(), key.to_string()));
    for (name, value) in given.into_iter().chain(key).chain(ours) {
        let name = HeaderName::from_str(&name).map_err(|error| permanent("headers", &error))?;
        let value = HeaderValue::from_str(&value).map_err(|error| permanent("headers", &error))?;
        headers.insert(name, value);
    }
    Ok(PublishMessage::build().payload(envelope.payload.clone()).headers(headers))
}
