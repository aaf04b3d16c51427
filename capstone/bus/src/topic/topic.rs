//! [`Topic`]: where a message is published.

use std::sync::Arc;

use crate::topic::checked_text::checked_text;
use crate::topic::grammar::{self, Fault, Kind};

/// The name that a message is published under, such as `orders.eu.created`.
///
/// Tokens are separated by `.`; each has one or more characters other than `.`, `*`, `>`, white space and control
/// characters. At most 4,096 bytes, case-sensitive. `$SYS`, `$DLQ` and `$INBOX` as first tokens belong to the bus, and this
/// prefix does not count towards the limit; any other `$…` is an ordinary topic, which is merely not seen by a pattern
/// that begins with a wildcard.
///
/// The grammar is that of NATS subjects, made strict: a wildcard character inside a token is an error here. The limit is
/// that of nats-server as well, where a subject has to fit into a line.
///
/// Cheap to clone: the text is shared.
///
/// ```
/// use capstone_bus::Topic;
///
/// let topic: Topic = "orders.eu.created".parse()?;
/// assert_eq!(topic.tokens().count(), 3);
///
/// let error = "orders..created".parse::<Topic>().unwrap_err();
/// assert_eq!(error.to_string(), r#"topic "orders..created": token 2 is empty"#);
/// # Ok::<(), capstone_bus::TopicError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Arc<str>);

impl Topic {
    /// Checks the text and makes it a topic.
    ///
    /// # Errors
    ///
    /// The text breaks the grammar or a limit; the error names the token.
    pub fn new(text: impl Into<Arc<str>> + AsRef<str>) -> Result<Self, TopicError> {
        grammar::check(text.as_ref(), Kind::Topic).map_err(TopicError)?;
        Ok(Self(text.into()))
    }

    /// Whether a pattern that begins with a wildcard is blind to this topic: its first token begins with `$`.
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with('$')
    }
}

checked_text!(Topic, TopicError);

/// The text is not a topic. `Display` names the text, the token and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TopicError(Fault);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(Topic::new(text).expect_err(text).to_string(), expected);
    }

    #[track_caller]
    fn accepted(text: &str) {
        assert_eq!(Topic::new(text).expect(text).as_str(), text);
    }

    #[test]
    fn ordinary_topics() {
        accepted("orders");
        accepted("orders.eu.created");
        accepted("Zürich.größe-7.✓");
        accepted("$JS.API.INFO");
        accepted("_INBOX.aX3.1");
        accepted("$SYS");
        accepted("a$b");
    }

    #[test]
    fn an_error_names_the_text_the_token_and_the_reason() {
        refused("", r#"topic "" is empty"#);
        refused(".", r#"topic ".": token 1 is empty"#);
        refused("a..b", r#"topic "a..b": token 2 is empty"#);
        refused("a.b.", r#"topic "a.b.": token 3 is empty"#);
        refused("a.*", r#"topic "a.*": token 2 is the wildcard "*", which only a pattern may have"#);
        refused(">", r#"topic ">": token 1 is the wildcard ">", which only a pattern may have"#);
        refused("a.foo*", r#"topic "a.foo*": token 2 is "foo*", a wildcard must be a token of its own"#);
        refused(
            "a b",
            r#"topic "a b": token 1 has U+0020, white space and control characters are not allowed"#,
        );
        refused(
            "a.\r\n",
            r#"topic "a.\r\n": token 2 has U+000D, white space and control characters are not allowed"#,
        );
    }

    #[test]
    fn the_limit_is_4_096_bytes() {
        accepted(&"x".repeat(4_096));
        accepted(&vec!["t"; 2_048].join("."));
        let long = "x".repeat(4_097);
        refused(&long, &format!("topic {:?}… has 4097 bytes, at most 4096 are allowed", "x".repeat(64)));
    }

    #[test]
    fn a_prefix_of_the_bus_is_free_of_charge() {
        let longest = "x".repeat(4_096);
        for own in ["$SYS", "$DLQ", "$INBOX", "$DLQ.$INBOX", "$DLQ.$SYS"] {
            accepted(&format!("{own}.{longest}"));
            Topic::new(format!("{own}.{longest}x")).expect_err("4,097 bytes behind the prefix");
        }
        Topic::new(format!("$DLQ.$DLQ.{longest}")).expect_err("once is enough");
        Topic::new(format!("$JS.{longest}")).expect_err("not ours, so it counts");
    }
}
