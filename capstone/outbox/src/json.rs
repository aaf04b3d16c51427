//! One message, one line of JSON: the same object wherever messages go in or come out as text.
//!
//! `{"id","topic","key","seq","headers","payload"}`, and `payload_base64` in place of `payload` for bytes that
//! are not JSON or hold a line break. A JSON payload keeps its exact bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use capstone_bus::Topic;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::message::{Envelope, Headers, Message, MessageId};

/// What is wrong with a line, by field.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// The line is not a JSON object.
    #[error("not a JSON object: {0}")]
    Syntax(String),
    /// A field that must be there is not.
    #[error("field \"{0}\" is missing")]
    Missing(&'static str),
    /// A field's value cannot be used.
    #[error("field \"{field}\": {reason}")]
    Field {
        /// Which one.
        field: &'static str,
        /// Why.
        reason: String,
    },
}

/// Every field as it stands: each is read on its own, so that an error can name it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    topic: Option<&'a RawValue>,
    /// `null` is a payload like any other; the other fields take it for absent.
    #[serde(borrow, default, deserialize_with = "present")]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    payload_base64: Option<&'a RawValue>,
    #[serde(borrow)]
    key: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    /// Accepted and ignored, so that what a sink wrote can be enqueued again.
    #[serde(rename = "seq")]
    _seq: Option<i64>,
}

fn present<'a, D: Deserializer<'a>>(value: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

/// Reads a line. Without an `id` the message gets a fresh one.
///
/// # Errors
/// Names the field and says what was expected.
pub fn parse(line: &str) -> Result<Message, LineError> {
    let line: Line<'_> = serde_json::from_str(line).map_err(|error| LineError::Syntax(error.to_string()))?;
    let topic: String = field("topic", line.topic)?.ok_or(LineError::Missing("topic"))?;
    let topic: Topic = topic.parse().map_err(|error| invalid("topic", &error))?;
    let payload = match (line.payload, field::<String>("payload_base64", line.payload_base64)?) {
        (Some(json), None) => Bytes::copy_from_slice(json.get().as_bytes()),
        (None, Some(text)) => BASE64.decode(text).map_err(|error| invalid("payload_base64", &error))?.into(),
        (None, None) => return Err(LineError::Missing("payload")),
        (Some(_), Some(_)) => return Err(invalid("payload_base64", &"there is a \"payload\" as well")),
    };
    let mut message = Message::new(topic, payload);
    if let Some(id) = field::<String>("id", line.id)? {
        let id: MessageId = id.parse().map_err(|error| invalid("id", &error))?;
        message = message.with_id(id);
    }
    if let Some(key) = field::<String>("key", line.key)? {
        message = message.with_key(key).map_err(|error| invalid("key", &error))?;
    }
    message.headers = field::<Headers>("headers", line.headers)?.unwrap_or_default();
    Ok(message)
}

fn field<'a, T: Deserialize<'a>>(
    name: &'static str,
    raw: Option<&'a RawValue>,
) -> Result<Option<T>, LineError> {
    let Some(raw) = raw else { return Ok(None) };
    serde_json::from_str(raw.get()).map(Some).map_err(|error| {
        // The position would be counted from the field's own start, which nobody can look up.
        let text = error.to_string();
        invalid(name, &text.split(" at line ").next().unwrap_or(&text))
    })
}

fn invalid(field: &'static str, reason: &dyn std::fmt::Display) -> LineError {
    LineError::Field { field, reason: reason.to_string() }
}

/// Appends the message and a line break to `out`.
///
/// # Errors
/// The row's headers are not JSON; nothing has been appended.
pub fn write(envelope: &Envelope, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let headers: &RawValue = serde_json::from_str(&envelope.headers_json)?;
    let payload = std::str::from_utf8(&envelope.payload).ok().filter(|text| !text.contains(['\n', '\r']));
    let payload = payload.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    // RawValue leaves out white space around the value: only what comes back exactly may travel as JSON.
    let payload = payload.filter(|json| json.get().len() == envelope.payload.len());

    out.extend_from_slice(format!("{{\"id\":\"{}\",\"topic\":", envelope.id).as_bytes());
    quote(&envelope.topic, out);
    if let Some(key) = &envelope.key {
        out.extend_from_slice(b",\"key\":");
        quote(key, out);
    }
    out.extend_from_slice(format!(",\"seq\":{},\"headers\":", envelope.seq).as_bytes());
    out.extend(headers.get().bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    match payload {
        Some(json) => {
            out.extend_from_slice(b",\"payload\":");
            out.extend_from_slice(json.get().as_bytes());
        }
        None => {
            out.extend_from_slice(b",\"payload_base64\":");
            quote(&BASE64.encode(&envelope.payload), out);
        }
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn quote(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a string is JSON, and a Vec takes any bytes");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Seq;
    use crate::store::Lane;

    fn envelope(message: &Message) -> Envelope {
        Envelope {
            seq: Seq(7),
            lane: Lane::default(),
            id: message.id,
            topic: message.topic.to_string(),
            key: message.key.as_deref().map(Into::into),
            headers_json: serde_json::to_string(&message.headers).unwrap(),
            payload: message.payload.clone(),
        }
    }

    #[track_caller]
    fn written(message: &Message) -> String {
        let mut out = Vec::new();
        write(&envelope(message), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[track_caller]
    fn refused(line: &str) -> String {
        parse(line).unwrap_err().to_string()
    }

    #[test]
    fn a_json_payload_keeps_its_exact_bytes() {
        let line = r#"{"topic":"orders.created","payload": {"n": 1.00, "ä":"\u00e4"} }"#;
        let message = parse(line).unwrap();
        assert_eq!(&message.payload[..], r#"{"n": 1.00, "ä":"\u00e4"}"#.as_bytes());
        assert!(written(&message).contains(r#""payload":{"n": 1.00, "ä":"\u00e4"}"#));
    }

    #[test]
    fn what_was_written_can_be_read_again() {
        for payload in [&b"{}"[..], b" {}", b"{\n}", b"\xff\x00", b"", b"null", b"\"a\\nb\""] {
            let message = Message::new("a.b".parse().unwrap(), Bytes::copy_from_slice(payload))
                .with_key("k \"1\"")
                .unwrap()
                .with_header("trace", "4\n2");
            let line = written(&message);
            assert_eq!(line.matches('\n').count(), 1, "one line: {line}");
            assert_eq!(parse(&line).unwrap(), message, "{line}");
        }
    }

    #[test]
    fn an_error_names_the_field() {
        assert_eq!(refused(r#"{"payload":1}"#), "field \"topic\" is missing");
        assert_eq!(refused(r#"{"topic":"a"}"#), "field \"payload\" is missing");
        assert!(
            refused(r#"{"topic":7,"payload":1}"#).starts_with("field \"topic\": invalid type: integer `7`")
        );
        assert!(refused(r#"{"topic":"a..b","payload":1}"#).starts_with("field \"topic\": "));
        assert!(
            refused(r#"{"topic":"a","payload":1,"key":""}"#).starts_with("field \"key\": the key is empty")
        );
        assert!(refused(r#"{"topic":"a","payload":1,"id":"x"}"#).starts_with("field \"id\": "));
        assert!(refused(r#"{"topic":"a","payload":1,"headers":{"a":1}}"#).starts_with("field \"headers\": "));
        assert!(refused(r#"{"topic":"a","payload_base64":"*"}"#).starts_with("field \"payload_base64\": "));
        assert!(refused(r#"{"topic":"a","payload":1,"paylod":2}"#).contains("unknown field `paylod`"));
        assert!(refused("[]").starts_with("not a JSON object: "));
        assert!(refused(r#"{"topic":"a","payload":1"#).starts_with("not a JSON object: EOF"));
    }
}
