//! The header block of an `HMSG`: `NATS/1.0`, a line a header, an empty line.
//!
//! One that a client sent is written as it came; what is in it is read by [`Headers`] where somebody looks.

use crate::Headers;

const VERSION: &[u8] = b"NATS/1.0\r\n";

/// How many bytes [`write`] appends; 0 when there are no headers, and so no block.
pub(super) fn length(headers: &Headers) -> usize {
    if let Some(block) = headers.block() {
        return block.len();
    }
    if headers.is_empty() {
        return 0;
    }
    let lines: usize = headers.iter().map(|(name, value)| name.len() + value.len() + b": \r\n".len()).sum();
    VERSION.len() + lines + b"\r\n".len()
}

pub(super) fn write(out: &mut Vec<u8>, headers: &Headers) {
    if let Some(block) = headers.block() {
        return out.extend_from_slice(block);
    }
    out.extend_from_slice(VERSION);
    for (name, value) in headers.iter() {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}
