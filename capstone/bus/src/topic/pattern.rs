//! [`Pattern`]: which topics a subscription wants.

use std::sync::Arc;

use crate::Topic;
use crate::topic::checked_text::checked_text;
use crate::topic::grammar::{self, Fault, Kind, ONE, REST};

/// A topic, in which `*` stands for exactly one token and a last `>` for one or more.
///
/// `orders.*` matches `orders.created` and neither `orders` nor `orders.eu.created`; `orders.>` matches the last two
/// of `orders`, `orders.created` and `orders.eu.created`. A pattern whose first token is a wildcard matches no topic
/// whose first token begins with `$`: otherwise `>` would see replies and dead letters, and a handler that fails on
/// `>` would feed on its own dead letters.
///
/// The limit is that of a [`Topic`]. Cheap to clone: the text is shared.
///
/// ```
/// use capstone_bus::{Pattern, Topic};
///
/// let pattern: Pattern = "orders.*.created".parse()?;
/// assert!(pattern.matches(&Topic::new("orders.eu.created")?));
/// assert!(!pattern.matches(&Topic::new("orders.created")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Why no `>` in the middle?
///
/// It makes matching expensive, and it is where other buses had their wrong matches. A pattern with `>` in the last
/// place only is also a NATS subject as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(Arc<str>);

impl Pattern {
    /// Checks the text and makes it a pattern.
    ///
    /// # Errors
    ///
    /// The text breaks the grammar or a limit; the error names the token.
    pub fn new(text: impl Into<Arc<str>> + AsRef<str>) -> Result<Self, PatternError> {
        grammar::check(text.as_ref(), Kind::Pattern).map_err(PatternError)?;
        Ok(Self(text.into()))
    }

    /// Whether a message on this topic is for a subscription with this pattern.
    pub fn matches(&self, topic: &Topic) -> bool {
        if topic.is_reserved() && self.begins_with_wildcard() {
            return false;
        }
        let mut tokens = topic.tokens();
        for wanted in self.tokens() {
            match (wanted, tokens.next()) {
                (_, None) => return false,
                (REST, Some(_)) => return true,
                (ONE, Some(_)) => {}
                (wanted, Some(token)) if wanted == token => {}
                _ => return false,
            }
        }
        tokens.next().is_none()
    }

    pub(crate) fn begins_with_wildcard(&self) -> bool {
        matches!(self.tokens().next(), Some(ONE | REST))
    }
}

checked_text!(Pattern, PatternError);

/// The text is not a pattern. `Display` names the text, the token and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(Fault);

/// Every topic is the pattern that matches only itself.
impl From<Topic> for Pattern {
    fn from(topic: Topic) -> Self {
        Self(topic.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::topic::oracle;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(Pattern::new(text).expect_err(text).to_string(), expected);
    }

    #[test]
    fn wildcards_are_whole_tokens() {
        for text in ["*", ">", "*.*", "orders.*", "orders.*.created", "orders.>", "*.>", "$SYS.>"] {
            assert_eq!(Pattern::new(text).expect(text).as_str(), text);
        }
        refused("a.>.b", r#"pattern "a.>.b": token 2 is ">", which must be the last token"#);
        refused("foo*.b", r#"pattern "foo*.b": token 1 is "foo*", a wildcard must be a token of its own"#);
        refused("a.>b", r#"pattern "a.>b": token 2 is ">b", a wildcard must be a token of its own"#);
        refused("**", r#"pattern "**": token 1 is "**", a wildcard must be a token of its own"#);
        refused("a..>", r#"pattern "a..>": token 2 is empty"#);
        refused("", r#"pattern "" is empty"#);
    }

    #[test]
    fn a_topic_is_the_pattern_of_itself() {
        let topic = Topic::new("orders.eu").expect("a topic");
        assert!(Pattern::from(topic.clone()).matches(&topic));
    }

    #[test]
    fn matching_agrees_with_the_oracle_everywhere() {
        let topics = oracle::topics();
        for pattern in oracle::patterns() {
            for topic in &topics {
                let expected = oracle::matches(pattern.as_str(), topic.as_str());
                assert_eq!(pattern.matches(topic), expected, "pattern {pattern}, topic {topic}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_comes_back_as_it_was(text in text()) {
            let topic = Topic::new(text.as_str());
            let pattern = Pattern::new(text.as_str());
            if let Ok(topic) = &topic {
                prop_assert_eq!(topic.to_string(), &*text);
                prop_assert_eq!(topic.tokens().collect::<Vec<_>>().join("."), &*text);
                prop_assert_eq!(pattern.as_ref().map(|p| p.matches(topic)), Ok(true), "every topic is a pattern");
            }
            if let Ok(pattern) = &pattern {
                prop_assert_eq!(pattern.to_string(), &*text);
                prop_assert_eq!(topic.is_err(), pattern.tokens().any(|token| token == "*" || token == ">"));
            }
            for error in [topic.err().map(|e| e.to_string()), pattern.err().map(|e| e.to_string())].iter().flatten() {
                prop_assert!(error.chars().count() < 256 && !error.contains('\n'), "{}", error);
            }
        }

        #[test]
        fn long_topics_and_patterns_agree_with_the_oracle_too(pattern in "[ab*]{1}(\\.[ab*]){0,31}(\\.>)?", topic in "[ab](\\.[ab]){0,31}") {
            if let (Ok(pattern), Ok(topic)) = (Pattern::new(pattern), Topic::new(topic)) {
                prop_assert_eq!(pattern.matches(&topic), oracle::matches(pattern.as_str(), topic.as_str()));
            }
        }
    }

    /// Mostly made of what the grammar is about.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[ab*>.$ \t\u{7f}é]{0,12}", "([a-z*>]{0,9}\\.){0,40}[a-z]{0,9}", any::<String>()]
    }
}
