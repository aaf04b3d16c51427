//! [`Line`]: a control line, by its verb and the words behind it.

use bytes::Bytes;

use super::command::{Command, Head, Subscribe};
use super::decoder::DecodeError;

const VERBS: [&[u8]; 7] = [b"PUB", b"HPUB", b"SUB", b"UNSUB", b"PING", b"PONG", b"CONNECT"];
const VERB_MAX: usize = b"CONNECT".len();

/// What a client may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Publish(Headers),
    Subscribe,
    Unsubscribe,
    Connect,
    Ping,
    Pong,
}

/// Whether a header block comes with the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headers {
    Yes,
    No,
}

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    verb_end: usize,
}

impl<'a> Line<'a> {
    /// The text may have the CR of the line's end, and may be the beginning of a longer one.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let begin = &text[..text.len().min(VERB_MAX + 1)];
        let verb_end = begin.iter().position(|byte| is_blank(*byte));
        Self { text, verb_end: verb_end.unwrap_or(text.len()) }
    }

    pub(super) fn verb(&self) -> Result<Verb, DecodeError> {
        let word = &self.text[..self.verb_end];
        let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
        // Without a blank these are no verbs.
        let has_more = self.verb_end < self.text.len();
        match word.len() {
            3 if has_more && is(b"PUB") => Ok(Verb::Publish(Headers::No)),
            3 if has_more && is(b"SUB") => Ok(Verb::Subscribe),
            4 if has_more && is(b"HPUB") => Ok(Verb::Publish(Headers::Yes)),
            4 if is(b"PING") => Ok(Verb::Ping),
            4 if is(b"PONG") => Ok(Verb::Pong),
            5 if has_more && is(b"UNSUB") => Ok(Verb::Unsubscribe),
            7 if is(b"CONNECT") => Ok(Verb::Connect),
            _ => Err(DecodeError::Verb),
        }
    }

    /// Whether more bytes can make it a line that begins with a verb.
    pub(super) fn may_become_one(&self) -> bool {
        let begins = |verb: &[u8]| {
            verb.get(..self.verb_end).is_some_and(|begin| begin.eq_ignore_ascii_case(self.text))
        };
        if self.verb_end == self.text.len() { VERBS.into_iter().any(begins) } else { self.verb().is_ok() }
    }

    /// Bytes behind the verb and its blank.
    pub(super) fn length(&self) -> usize {
        (self.text.len() - self.verb_end).saturating_sub(1)
    }

    /// All that is behind the verb.
    pub(super) fn rest(&self) -> Bytes {
        Bytes::copy_from_slice(self.text[self.verb_end..].trim_ascii())
    }

    /// Of `PUB` or `HPUB`; the line has so many bytes with its end.
    pub(super) fn publish(&self, headers: Headers, line: usize) -> Result<Head, DecodeError> {
        let words = Words::of(self);
        let numbers = if headers == Headers::Yes { 2 } else { 1 };
        let named = words.count.checked_sub(numbers).ok_or(DecodeError::Syntax)?;
        let reply = match named {
            1 => None,
            2 => Some(words.places[1]),
            _ => return Err(DecodeError::Syntax),
        };
        let total = number(words.get(words.count - 1)).ok_or(DecodeError::Syntax)?;
        let headers = match headers {
            Headers::No => None,
            Headers::Yes => Some(number(words.get(named)).ok_or(DecodeError::Syntax)?),
        };
        if headers.is_some_and(|headers| headers > total) {
            return Err(DecodeError::Syntax);
        }
        Ok(Head { subject: words.places[0], reply, line, headers, total })
    }

    pub(super) fn subscribe(&self) -> Result<Command, DecodeError> {
        let words = Words::of(self);
        let queue = match words.count {
            2 => None,
            3 => Some(words.copy(1)),
            _ => return Err(DecodeError::Syntax),
        };
        Ok(Command::Subscribe(Subscribe { subject: words.copy(0), queue, sid: words.copy(words.count - 1) }))
    }

    pub(super) fn unsubscribe(&self) -> Result<Command, DecodeError> {
        let words = Words::of(self);
        let max = match words.count {
            1 => None,
            // Zero is what clients send for "now", and what is no number is taken for it.
            2 => number(words.get(1)).filter(|max| *max > 0).map(|max| max as u64),
            _ => return Err(DecodeError::Syntax),
        };
        Ok(Command::Unsubscribe { sid: words.copy(0), max })
    }
}

/// The words behind the verb, by their places in the line. No verb takes more than four; a fifth is counted and not kept.
struct Words<'a> {
    line: &'a [u8],
    places: [(usize, usize); 4],
    count: usize,
}

impl<'a> Words<'a> {
    fn of(line: &Line<'a>) -> Self {
        let Line { text: line, verb_end } = *line;
        let mut words = Self { line, places: [(0, 0); 4], count: 0 };
        let mut at = verb_end;
        while let Some(blanks) = line[at..].iter().position(|byte| !is_blank(*byte)) {
            let start = at + blanks;
            let end = line[start..].iter().position(|byte| is_blank(*byte)).map_or(line.len(), |n| start + n);
            if let Some(place) = words.places.get_mut(words.count) {
                *place = (start, end);
            }
            words.count += 1;
            at = end;
        }
        words
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
