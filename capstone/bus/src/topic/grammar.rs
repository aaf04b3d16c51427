//! The one place that knows which texts are topics and which are patterns.
//!
//! Does not match anything: see [`Pattern::matches`](crate::Pattern::matches).

use std::fmt;

/// Bytes of a topic or pattern, a prefix of the bus's own not counted: as many as nats-server lets fit into a line. So there
/// are at most 2,048 tokens, and whatever goes through them does so without recursion.
pub(crate) const BYTES_MAX: usize = 4_096;

/// Stands for exactly one token.
pub(crate) const ONE: &str = "*";
/// Stands for one or more tokens.
pub(crate) const REST: &str = ">";

/// What is being read: a topic has no wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Topic,
    Pattern,
}

/// Why a text is no topic or no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    kind: Kind,
    /// As it is shown: in quotes, escaped and shortened.
    text: Box<str>,
    /// Counted from 1; absent when the text as a whole is at fault.
    token: Option<usize>,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Empty,
    TooLong { bytes: usize },
    EmptyToken,
    WildcardInTopic { wildcard: &'static str },
    WildcardInside { token: Box<str> },
    RestNotLast,
    Forbidden { character: char },
}

/// Checks the whole text and names the first token that is wrong, from the left.
pub(crate) fn check(text: &str, kind: Kind) -> Result<(), Fault> {
    let fault = |token, reason| Err(Fault { kind, text: quoted(text), token, reason });

    // The limit comes first, so that a long text is not looked at token by token.
    let counted = without_own_prefix(text);
    if text.is_empty() {
        return fault(None, Reason::Empty);
    }
    if counted.len() > BYTES_MAX {
        return fault(None, Reason::TooLong { bytes: counted.len() });
    }

    let last = text.split('.').count();
    for (index, token) in text.split('.').enumerate() {
        if let Some(reason) = check_token(token, kind, index + 1 == last) {
            return fault(Some(index + 1), reason);
        }
    }
    Ok(())
}

fn check_token(token: &str, kind: Kind, is_last: bool) -> Option<Reason> {
    match (token, kind) {
        ("", _) => return Some(Reason::EmptyToken),
        (ONE, Kind::Topic) => return Some(Reason::WildcardInTopic { wildcard: ONE }),
        (REST, Kind::Topic) => return Some(Reason::WildcardInTopic { wildcard: REST }),
        (ONE, Kind::Pattern) => return None,
        (REST, Kind::Pattern) => return (!is_last).then_some(Reason::RestNotLast),
        _ => {}
    }
    if let Some(character) = token.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Some(Reason::Forbidden { character });
    }
    token.contains(['*', '>']).then(|| Reason::WildcardInside { token: quoted(token) })
}

/// The text that the limit applies to.
///
/// Every topic has a place for its dead letters, `$DLQ.<topic>`, so this prefix is free of charge, and so are the
/// other two behind it. A dead letter is never dead-lettered again: once is enough.
fn without_own_prefix(text: &str) -> &str {
    let text = text.strip_prefix("$DLQ.").unwrap_or(text);
    text.strip_prefix("$SYS.").or_else(|| text.strip_prefix("$INBOX.")).unwrap_or(text)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Topic => "topic",
            Kind::Pattern => "pattern",
        };
        write!(f, "{kind} {}", self.text)?;
        if let Some(token) = self.token {
            write!(f, ": token {token}")?;
        }
        match &self.reason {
            Reason::Empty => write!(f, " is empty"),
            Reason::TooLong { bytes } => write!(f, " has {bytes} bytes, at most {BYTES_MAX} are allowed"),
            Reason::EmptyToken => write!(f, " is empty"),
            Reason::WildcardInTopic { wildcard } => {
                write!(f, " is the wildcard {wildcard:?}, which only a pattern may have")
            }
            Reason::WildcardInside { token } => {
                write!(f, " is {token}, a wildcard must be a token of its own")
            }
            Reason::RestNotLast => write!(f, " is {REST:?}, which must be the last token"),
            Reason::Forbidden { character } => {
                write!(
                    f,
                    " has U+{:04X}, white space and control characters are not allowed",
                    *character as u32
                )
            }
        }
    }
}

/// Shortened, because an error must fit a line of a log, and must not keep a megabyte alive.
fn quoted(text: &str) -> Box<str> {
    const CHARACTERS_MAX: usize = 64;
    match text.char_indices().nth(CHARACTERS_MAX) {
        None => format!("{text:?}").into(),
        Some((end, _)) => format!("{:?}…", &text[..end]).into(),
    }
}
