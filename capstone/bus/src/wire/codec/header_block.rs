//! The header block of `HPUB` and `HMSG`: `NATS/1.0`, a line a header, an empty line.

use crate::{HeaderError, Headers};

const VERSION: &[u8] = b"NATS/1.0\r\n";

/// The bytes are no header block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderBlockError {
    /// It does not begin with the line `NATS/1.0`. A status behind it is the server's to send.
    #[error("the first line is not NATS/1.0")]
    Version,
    /// The last line is not empty, or an empty one is not the last.
    #[error("it does not end with its only empty line")]
    End,
    /// A line is not text, or has no colon.
    #[error("line {0} is no header")]
    Line(usize),
    /// A name that the bus does not take.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// Reads a header block. Blanks around a value are no part of it.
///
/// # Errors
///
/// It is not one; see [`HeaderBlockError`].
pub fn parse_headers(block: &[u8]) -> Result<Headers, HeaderBlockError> {
    let lines = block.strip_prefix(VERSION).ok_or(HeaderBlockError::Version)?;
    let mut rest = lines;
    let mut headers = Headers::new();
    let mut number = 1;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or(HeaderBlockError::End)?;
        let (line, behind) = (&rest[..end], &rest[end + 2..]);
        if line.is_empty() {
            return if behind.is_empty() { Ok(headers) } else { Err(HeaderBlockError::End) };
        }
        number += 1;
        let text = std::str::from_utf8(line).map_err(|_| HeaderBlockError::Line(number))?;
        let (name, value) = text.split_once(':').ok_or(HeaderBlockError::Line(number))?;
        headers.append(name, value.trim_matches([' ', '\t']))?;
        rest = behind;
    }
}

/// How many bytes [`write`] appends.
pub(super) fn length(headers: &Headers) -> usize {
    let lines: usize = headers.iter().map(|(name, value)| name.len() + value.len() + b": \r\n".len()).sum();
    VERSION.len() + lines + b"\r\n".len()
}

pub(super) fn write(out: &mut Vec<u8>, headers: &Headers) {
    out.extend_from_slice(VERSION);
    for (name, value) in headers.iter() {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}
