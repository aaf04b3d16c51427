//! What a server says: each function appends to a buffer.
//!
//! They check nothing: topics, sids and texts come from whoever has checked them already.

use serde::Serialize;

use super::header_block;
use crate::Headers;

/// `PING`.
pub const PING: &[u8] = b"PING\r\n";
/// `PONG`.
pub const PONG: &[u8] = b"PONG\r\n";
/// `+OK`.
pub const OK: &[u8] = b"+OK\r\n";

/// What a server says of itself, first of all.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Info {
    /// Tells servers apart; new at each start.
    pub server_id: String,
    /// For people.
    pub server_name: String,
    /// The version of this crate.
    pub version: String,
    /// The version of the protocol: 1, which is `INFO` at any time.
    pub proto: u8,
    /// Where the listener is.
    pub host: String,
    /// Where the listener is.
    pub port: u16,
    /// Whether `HPUB` and `HMSG` are understood.
    pub headers: bool,
    /// Whether `CONNECT` must have credentials. Absent if not, as nats-server has it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub auth_required: bool,
    /// The longest payload, headers counted.
    pub max_payload: usize,
    /// The number of this connection.
    pub client_id: u64,
    /// Where the client is, as the listener sees it.
    pub client_ip: String,
}

/// A `MSG`, or with headers an `HMSG`, on its way to one subscription.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The topic it was published on.
    pub topic: &'a str,
    /// The client's own name for the subscription.
    pub sid: &'a [u8],
    /// Where a reply is to go.
    pub reply: Option<&'a str>,
    /// Its headers; the client must have said that it understands them, unless there are none.
    pub headers: &'a Headers,
    /// Its payload.
    pub payload: &'a [u8],
}

/// Appends `INFO {…}`.
pub fn info(out: &mut Vec<u8>, info: &Info) {
    out.extend_from_slice(b"INFO ");
    serde_json::to_writer(&mut *out, info).expect("numbers and texts are JSON, and a Vec takes everything");
    out.extend_from_slice(b"\r\n");
}

/// Appends `-ERR '…'`. Quotes and line breaks inside of the text do not end it.
pub fn error(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"-ERR '");
    out.extend(text.bytes().map(|byte| if byte.is_ascii_control() || byte == b'\'' { b'?' } else { byte }));
    out.extend_from_slice(b"'\r\n");
}

/// Appends a message.
pub fn message(out: &mut Vec<u8>, message: &Outgoing<'_>) {
    let Outgoing { topic, sid, reply, headers, payload } = message;
    let with_headers = !headers.is_empty();
    let block = if with_headers { header_block::length(headers) } else { 0 };
    // At once, so that the pieces below need no look at the capacity that could grow it.
    out.reserve(64 + topic.len() + sid.len() + reply.map_or(0, str::len) + block + payload.len());

    out.extend_from_slice(if with_headers { b"HMSG " } else { b"MSG " });
    out.extend_from_slice(topic.as_bytes());
    out.push(b' ');
    out.extend_from_slice(sid);
    out.push(b' ');
    if let Some(reply) = reply {
        out.extend_from_slice(reply.as_bytes());
        out.push(b' ');
    }
    if with_headers {
        decimal(out, block);
        out.push(b' ');
    }
    decimal(out, block + payload.len());
    out.extend_from_slice(b"\r\n");
    if with_headers {
        header_block::write(out, headers);
    }
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

/// Appends the answer to a request that nobody is there for: an empty message with status 503.
pub fn no_responders(out: &mut Vec<u8>, topic: &str, sid: &[u8]) {
    const BLOCK: &[u8] = b"NATS/1.0 503\r\n\r\n";
    out.extend_from_slice(b"HMSG ");
    out.extend_from_slice(topic.as_bytes());
    out.push(b' ');
    out.extend_from_slice(sid);
    out.push(b' ');
    decimal(out, BLOCK.len());
    out.push(b' ');
    decimal(out, BLOCK.len());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(BLOCK);
    out.extend_from_slice(b"\r\n");
}

/// Without the machinery of `write!`: this runs for every message.
fn decimal(out: &mut Vec<u8>, mut number: usize) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
