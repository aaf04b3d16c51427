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

/// The version of nats-server that `INFO` names, because clients compare it to know what they may use: they refuse, for
/// example, key-value buckets on servers before 2.6.2, and take a number below 2 for a server of years ago. It is the one
/// that the listener's behaviour is held against.
pub const COMPATIBLE_WITH: &str = "2.15.1";

/// What a server says of itself, first of all.
///
/// Has every field that nats-server never leaves out: clients in typed languages read them without a default.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Info {
    /// Tells servers apart; new at each start.
    pub server_id: String,
    /// For people.
    pub server_name: String,
    /// The version of nats-server that clients may take this server for.
    pub version: String,
    /// The version of the protocol: 1, which is `INFO` at any time.
    pub proto: u8,
    /// What nats-server was built with; here the language.
    pub go: String,
    /// The version of this crate.
    pub capstone: String,
    /// Where the listener is.
    pub host: String,
    /// Where the listener is.
    pub port: u16,
    /// Whether `HPUB` and `HMSG` are understood.
    pub headers: bool,
    /// Whether `CONNECT` must have credentials. Absent if not, as nats-server has it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub auth_required: bool,
    /// Whether a TLS handshake must follow. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tls_required: bool,
    /// Whether clients must show a certificate in it. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tls_verify: bool,
    /// The longest payload, headers counted.
    pub max_payload: usize,
    /// The number of this connection.
    pub client_id: u64,
    /// Where the client is, as the listener sees it.
    pub client_ip: String,
    /// The server is about to close the connection ("lame duck mode"). Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ldm: bool,
}

impl Default for Info {
    /// What all servers of this version have in common.
    fn default() -> Self {
        Self {
            server_id: String::new(),
            server_name: "capstone".to_owned(),
            version: COMPATIBLE_WITH.to_owned(),
            proto: 1,
            go: "rust".to_owned(),
            capstone: env!("CARGO_PKG_VERSION").to_owned(),
            host: String::new(),
            port: 0,
            headers: true,
            auth_required: false,
            tls_required: false,
            tls_verify: false,
            max_payload: 0,
            client_id: 0,
            client_ip: String::new(),
            ldm: false,
        }
    }
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
    let block = header_block::length(headers);
    let with_headers = block > 0;
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

/// Appends the answer to a request on this subject that nobody is there for: an empty message with status 503.
pub fn no_responders(out: &mut Vec<u8>, reply: &str, sid: &[u8], subject: &[u8]) {
    const BEGIN: &[u8] = b"NATS/1.0 503\r\nNats-Subject: ";
    const END: &[u8] = b"\r\n\r\n";
    let length = BEGIN.len() + subject.len() + END.len();
    out.extend_from_slice(b"HMSG ");
    out.extend_from_slice(reply.as_bytes());
    out.push(b' ');
    out.extend_from_slice(sid);
    out.push(b' ');
    decimal(out, length);
    out.push(b' ');
    decimal(out, length);
    out.extend_from_slice(b"\r\n");
    [BEGIN, subject, END, b"\r\n"].iter().for_each(|piece| out.extend_from_slice(piece));
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
