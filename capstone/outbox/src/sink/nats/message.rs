//! What is published for a row: its headers and payload, if a server can take them.

use std::str::FromStr;

use async_nats::jetstream::message::PublishMessage;
use async_nats::{HeaderMap, HeaderName, HeaderValue};
use capstone_bus::Topic;

use crate::message::Envelope;
use crate::sink::SinkError;

/// The headers by which the server may be asked for something: what they ask for is the same when they are repeated.
const PASSED_ON: [&str; 2] = ["Nats-Expected-Stream", "Nats-TTL"];
/// The server recognises a repeat by it, and so it is the sink's own, whatever the row says.
const ID: &str = "Nats-Msg-Id";

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
        (ID.to_owned(), id),
    ];
    if let Some(name) = given.keys().find(|name| is_refused(name)) {
        let [stream, ttl] = PASSED_ON;
        let reason = format!(
            "{name} is not passed on: a server may be asked for something by {stream} and {ttl} alone, which mean the same when \
             they are repeated"
        );
        return Err(permanent("headers", &reason));
    }
    let key = envelope.key.as_ref().map(|key| ("outbox-key".to_owned(), key.to_string()));
    for (name, value) in given.into_iter().chain(key).chain(ours) {
        let name = HeaderName::from_str(&name).map_err(|error| permanent("headers", &error))?;
        let value = HeaderValue::from_str(&value).map_err(|error| permanent("headers", &error))?;
        headers.insert(name, value);
    }
    Ok(PublishMessage::build().payload(envelope.payload.clone()).headers(headers))
}

/// The names belong to the server. Whether it heeds those in another case is its own affair, and may change.
fn is_refused(name: &str) -> bool {
    let is_servers = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("nats-"));
    is_servers && name != ID && !PASSED_ON.contains(&name)
}
