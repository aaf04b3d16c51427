//! [`HeaderBlock`]: headers as a NATS client sent them, carried byte for byte.
//!
//! Most blocks only pass through, from one client to others. So nobody judges them on their way; they are read when
//! somebody looks, and then once for all who share the message.

use std::sync::OnceLock;

use bytes::Bytes;

/// A name and its value.
pub(crate) type Field = (Box<str>, Box<str>);

/// See the module.
#[derive(Debug)]
pub(crate) struct HeaderBlock {
    bytes: Bytes,
    fields: OnceLock<Vec<Field>>,
}

impl HeaderBlock {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self { bytes, fields: OnceLock::new() }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What in it is a header.
    pub(crate) fn fields(&self) -> &[Field] {
        self.fields.get_or_init(|| read(&self.bytes))
    }
}

/// The lines between that of the version, which may have a status, and the first empty one. A line that is no header is
/// passed over: what a client sent is no reason to lose its other headers.
fn read(block: &[u8]) -> Vec<Field> {
    let mut lines = lines(block);
    if !lines.next().is_some_and(|first| first.starts_with(b"NATS/1.0")) {
        return Vec::new();
    }
    lines.take_while(|line| !line.is_empty()).filter_map(field).collect()
}

fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(block);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let end = text.windows(2).position(|pair| pair == b"\r\n");
        rest = end.map(|end| &text[end + 2..]);
        Some(end.map_or(text, |end| &text[..end]))
    })
}

/// Names are taken as they come, with blanks too, as other receivers do.
fn field(line: &[u8]) -> Option<Field> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    let is_header = !name.is_empty() && !line.contains(&b'\r') && !line.contains(&b'\n');
    is_header.then(|| (name.into(), value.trim_matches([' ', '\t']).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(block: &[u8], expected: &[(&str, &str)]) {
        let block = HeaderBlock::new(Bytes::copy_from_slice(block));
        let fields: Vec<_> = block.fields().iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_is_a_header_is_read() {
        reads(b"NATS/1.0\r\nA: b\r\nA:c:d \r\nempty:\r\n\r\n", &[("A", "b"), ("A", "c:d"), ("empty", "")]);
        reads(b"NATS/1.0\r\n\r\n", &[]);
        reads(b"NATS/1.0 503 No Responders\r\nA: b\r\n\r\n", &[("A", "b")]);
        reads(
            "NATS/1.0\r\nMy Key: 1\r\nKey : 2\r\nгде: 3\r\n\r\n".as_bytes(),
            &[("My Key", "1"), ("Key ", "2"), ("где", "3")],
        );
        // Without its last lines.
        reads(b"NATS/1.0\r\nA: b\r\n", &[("A", "b")]);
        reads(b"NATS/1.0\r\nA: b", &[("A", "b")]);
    }

    #[test]
    fn what_is_none_is_passed_over() {
        reads(b"NATS/1.0\r\nno colon\r\n: no name\r\nX: gr\xf6\xdfe\r\nA: b\r\n\r\n", &[("A", "b")]);
        reads(b"NATS/1.0\r\nA: b\nc\r\nD: e\rf\r\n\r\n", &[]);
        reads(b"NATS/1.0\r\nA: b\r\n\r\nbehind: the end\r\n\r\n", &[("A", "b")]);
        for none in [&b""[..], b"\r\n", b"x", b"A: b\r\n\r\n", b"HTTP/1.1\r\nA: b\r\n\r\n", b"\xff\xfe"] {
            reads(none, &[]);
        }
    }
}
