//! [`Decoder`]: takes commands off the front of a buffer.

use bytes::{Buf, BytesMut};

use super::command::{Command, Head, Publish};
use super::line::{Line, Verb};

const LINE_END: usize = b"\r\n".len();

/// Reads what a client says, however it was cut.
///
/// # Bounds
///
/// Reserves nothing. A control line is refused once it is longer than allowed, ended or not, and one that begins with no
/// verb by its first byte that is none; a payload by the length that its control line declares. So the buffer in front never
/// needs more than one line, one payload and what came in the same read.
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

/// What a client said is not the protocol, or is too large. `Display` is the text of the `-ERR`, as nats-server says it, but for
/// [`Syntax`](Self::Syntax), to which it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A line begins with no verb that a client may use. The payload before it may be longer than its own line says.
    #[error("Unknown Protocol Operation")]
    Verb,
    /// The line has too few arguments, too many, or something in place of a number.
    #[error("Parser Error")]
    Syntax,
    /// The arguments of a control line are too long.
    #[error("maximum control line exceeded")]
    ControlLine,
    /// A payload is declared longer than allowed, headers included.
    #[error("Maximum Payload Violation")]
    Payload,
}

impl Decoder {
    /// With the longest control line, its verb and its end not counted, and the longest payload, headers counted.
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
            // What can be told already is told now, so that the cut makes no difference.
            let line = Line::new(buffer);
            if !line.may_become_one() {
                return Err(DecodeError::Verb);
            }
            self.check_length(&line)?;
            self.state = State::Line { seen: buffer.len() };
            return Ok(None);
        };
        let end = seen + end;
        self.state = State::Line { seen: 0 };
        let line = Line::new(&buffer[..end]);
        let verb = line.verb()?;
        self.check_length(&line)?;
        let command = match verb {
            Verb::Publish(headers) => {
                let head = line.publish(headers, end + 1)?;
                return if head.total > self.payload_max {
                    Err(DecodeError::Payload)
                } else {
                    self.payload(buffer, head)
                };
            }
            Verb::Subscribe => line.subscribe()?,
            Verb::Unsubscribe => line.unsubscribe()?,
            Verb::Connect => Command::Connect(line.rest()),
            Verb::Ping => Command::Ping,
            Verb::Pong => Command::Pong,
        };
        buffer.advance(end + 1);
        Ok(Some(command))
    }

    fn check_length(&self, line: &Line<'_>) -> Result<(), DecodeError> {
        if line.length() > self.control_line_max { Err(DecodeError::ControlLine) } else { Ok(()) }
    }

    fn payload(&mut self, buffer: &mut BytesMut, head: Head) -> Result<Option<Command>, DecodeError> {
        let frame = head.line + head.total;
        if buffer.len() < frame + LINE_END {
            if buffer.get(frame).is_some_and(|byte| *byte != b'\r') {
                return Err(DecodeError::Verb);
            }
            self.state = State::Payload(head);
            return Ok(None);
        }
        if buffer[frame..frame + LINE_END] != *b"\r\n" {
            return Err(DecodeError::Verb);
        }
        self.state = State::Line { seen: 0 };
        let bytes = buffer.split_to(frame).freeze();
        buffer.advance(LINE_END);
        Ok(Some(Command::Publish(Publish::new(bytes, head))))
    }
}
