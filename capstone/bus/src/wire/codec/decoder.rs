//! [`Decoder`]: takes commands off the front of a buffer.

use bytes::{Buf, Bytes, BytesMut};

use super::command::{Command, Head, Publish, Subscribe};

const LINE_END: usize = b"\r\n".len();

/// Reads what a client says, however it was cut.
///
/// # Bounds
///
/// Reserves nothing. A control line is refused once it is longer than allowed, ended or not, and a payload by the
/// length that its control line declares. So the buffer in front never needs more than one line, one payload and what
/// came in the same read.
///
/// # After an error
///
/// Nobody can tell where the next command begins, so the decoder gives the same error for ever.
#[derive(Clone, Debug)]
pub struct Decoder {
    control_line_max: usize,
    payload_max: usize,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Bytes at the front that are known to hold no line end, so that slow clients cost no second look.
    Line {
        seen: usize,
    },
    Payload(Head),
    Failed(DecodeError),
}

/// What a client said is not the protocol, or is too large. `Display` is the text of the `-ERR`, as nats-server says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The line begins with no verb that a client may use.
    #[error("Unknown Protocol Operation")]
    Verb,
    /// The line has too few arguments, too many, or something in place of a number; or a payload does not end where
    /// its line says.
    #[error("Parser Error")]
    Syntax,
    /// A control line is too long.
    #[error("Maximum Control Line Exceeded")]
    ControlLine,
    /// A payload is declared longer than allowed, headers included.
    #[error("Maximum Payload Violation")]
    Payload,
}

impl Decoder {
    /// With the longest control line, its end not counted, and the longest payload, headers counted.
    pub fn new(control_line_max: usize, payload_max: usize) -> Self {
        Self { control_line_max, payload_max, state: State::Line { seen: 0 } }
    }

    /// Takes the next command off the front; `None` until all of it is there.
    ///
    /// # Errors
    ///
    /// See [`DecodeError`]. From then on every call fails, and takes nothing.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Command>, DecodeError> {
        let result = match self.state {
            State::Line { seen } => self.line(buffer, seen),
            State::Payload(head) => self.payload(buffer, head),
            State::Failed(error) => Err(error),
        };
        result.inspect_err(|error| self.state = State::Failed(*error))
    }

    fn line(&mut self, buffer: &mut BytesMut, seen: usize) -> Result<Option<Command>, DecodeError> {
        let Some(end) = buffer[seen..].iter().position(|byte| *byte == b'\n') else {
            // One byte more may be the CR of a line that is as long as allowed.
            if buffer.len() > self.control_line_max + 1 {
                return Err(DecodeError::ControlLine);
            }
            self.state = State::Line { seen: buffer.len() };
            return Ok(None);
        };
        let end = seen + end;
        self.state = State::Line { seen: 0 };
        let line = buffer[..end].strip_suffix(b"\r").unwrap_or(&buffer[..end]);
        if line.len() > self.control_line_max {
            return Err(DecodeError::ControlLine);
        }
        match Line::parse(line, end + 1)? {
            Line::Publish(head) if head.total > self.payload_max => Err(DecodeError::Payload),
            Line::Publish(head) => self.payload(buffer, head),
            Line::Whole(command) => {
                buffer.advance(end + 1);
                Ok(Some(command))
            }
        }
    }

    fn payload(&mut self, buffer: &mut BytesMut, head: Head) -> Result<Option<Command>, DecodeError> {
        let frame = head.line + head.total;
        if buffer.len() < frame + LINE_END {
            // What can be told from the bytes that are there is told now, so that the cut makes no difference.
            if buffer.get(frame).is_some_and(|byte| *byte != b'\r') {
                return Err(DecodeError::Syntax);
            }
            self.state = State::Payload(head);
            return Ok(None);
        }
        if buffer[frame..frame + LINE_END] != *b"\r\n" {
            return Err(DecodeError::Syntax);
        }
        self.state = State::Line { seen: 0 };
        let bytes = buffer.split_to(frame).freeze();
        buffer.advance(LINE_END);
        Ok(Some(Command::Publish(Publish::new(bytes, head))))
    }
}

/// A control line that was read: all there is, or the head of what follows.
enum Line {
    Whole(Command),
    Publish(Head),
}

impl Line {
    /// `length` is that of the line with its end.
    fn parse(line: &[u8], length: usize) -> Result<Self, DecodeError> {
        let verb_end = line.iter().position(|byte| is_blank(*byte)).unwrap_or(line.len());
        let (verb, rest) = line.split_at(verb_end);
        let is = |name: &[u8]| verb.eq_ignore_ascii_case(name);
        let command = if is(b"PUB") {
            return Self::publish(Arguments::of(line, verb_end), length, Headers::No);
        } else if is(b"HPUB") {
            return Self::publish(Arguments::of(line, verb_end), length, Headers::Yes);
        } else if is(b"PING") {
            Command::Ping
        } else if is(b"PONG") {
            Command::Pong
        } else if is(b"SUB") {
            subscribe(&Arguments::of(line, verb_end))?
        } else if is(b"UNSUB") {
            unsubscribe(&Arguments::of(line, verb_end))?
        } else if is(b"CONNECT") {
            Command::Connect(Bytes::copy_from_slice(rest.trim_ascii()))
        } else {
            return Err(DecodeError::Verb);
        };
        Ok(Self::Whole(command))
    }

    fn publish(arguments: Arguments<'_>, length: usize, headers: Headers) -> Result<Self, DecodeError> {
        let numbers = if headers == Headers::Yes { 2 } else { 1 };
        let named = arguments.count.checked_sub(numbers).ok_or(DecodeError::Syntax)?;
        let reply = match named {
            1 => None,
            2 => Some(arguments.places[1]),
            _ => return Err(DecodeError::Syntax),
        };
        let total = number(arguments.get(arguments.count - 1)).ok_or(DecodeError::Payload)?;
        let headers = match headers {
            Headers::No => None,
            Headers::Yes => Some(number(arguments.get(named)).ok_or(DecodeError::Payload)?),
        };
        if headers.is_some_and(|headers| headers > total) {
            return Err(DecodeError::Syntax);
        }
        Ok(Self::Publish(Head { subject: arguments.places[0], reply, line: length, headers, total }))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Headers {
    Yes,
    No,
}

fn subscribe(arguments: &Arguments<'_>) -> Result<Command, DecodeError> {
    let queue = match arguments.count {
        2 => None,
        3 => Some(arguments.copy(1)),
        _ => return Err(DecodeError::Syntax),
    };
    let (subject, sid) = (arguments.copy(0), arguments.copy(arguments.count - 1));
    Ok(Command::Subscribe(Subscribe { subject, queue, sid }))
}

fn unsubscribe(arguments: &Arguments<'_>) -> Result<Command, DecodeError> {
    let max = match arguments.count {
        1 => None,
        // Zero is what clients send for "now".
        2 => Some(number(arguments.get(1)).ok_or(DecodeError::Syntax)? as u64).filter(|max| *max > 0),
        _ => return Err(DecodeError::Syntax),
    };
    Ok(Command::Unsubscribe { sid: arguments.copy(0), max })
}

/// The words behind the verb, by their places in the line. No verb takes more than four; a fifth is counted and not kept.
struct Arguments<'a> {
    line: &'a [u8],
    places: [(usize, usize); 4],
    count: usize,
}

impl<'a> Arguments<'a> {
    fn of(line: &'a [u8], from: usize) -> Self {
        let mut arguments = Self { line, places: [(0, 0); 4], count: 0 };
        let mut at = from;
        while let Some(blanks) = line[at..].iter().position(|byte| !is_blank(*byte)) {
            let start = at + blanks;
            let end = line[start..].iter().position(|byte| is_blank(*byte)).map_or(line.len(), |n| start + n);
            if let Some(place) = arguments.places.get_mut(arguments.count) {
                *place = (start, end);
            }
            arguments.count += 1;
            at = end;
        }
        arguments
    }

    fn get(&self, index: usize) -> &'a [u8] {
        let (from, to) = self.places.get(index).copied().unwrap_or_default();
        &self.line[from..to]
    }

    fn copy(&self, index: usize) -> Bytes {
        Bytes::copy_from_slice(self.get(index))
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Digits only, and at most nine of them: more is beyond every limit, and this fits into every `usize`.
fn number(text: &[u8]) -> Option<usize> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + usize::from(byte - b'0')))
}
