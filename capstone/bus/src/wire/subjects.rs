//! What a client may publish and subscribe to, and the topics it has used lately.

use std::collections::HashMap;
use std::sync::Arc;

use super::permissions::Permissions;
use crate::topic::reserved::INBOX;
use crate::{Pattern, Topic};

/// Topics kept for the next message on them.
const KEPT_MAX: usize = 64;
/// Bytes of one that is kept: what a client makes us remember must not be many kilobytes.
const KEPT_BYTES_MAX: usize = 256;

/// Topics that a client has used lately: checked once, and then shared by its messages.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    permissions: Arc<Permissions>,
    last: Option<(Topic, Access)>,
    kept: HashMap<Box<[u8]>, (Topic, Access)>,
}

/// Whether a user may publish to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Granted,
    /// Unless it was asked for a reply there.
    Denied,
}

impl Subjects {
    pub(super) fn new(permissions: Arc<Permissions>) -> Self {
        Self { permissions, last: None, kept: HashMap::new() }
    }

    /// The topic of this text; `None` if it is not one.
    pub(super) fn topic(&mut self, text: &[u8]) -> Option<(Topic, Access)> {
        if let Some(last) = &self.last
            && last.0.as_str().as_bytes() == text
        {
            return Some(last.clone());
        }
        let topic = match self.kept.get(text) {
            Some(topic) => topic.clone(),
            None => {
                let topic = parse(text)?;
                let may = self.permissions.may_publish(&topic);
                let access = if may { Access::Granted } else { Access::Denied };
                // Whoever uses more than this in turn has each checked again.
                if self.kept.len() == KEPT_MAX {
                    self.kept.clear();
                }
                if text.len() <= KEPT_BYTES_MAX {
                    self.kept.insert(text.into(), (topic.clone(), access));
                }
                (topic, access)
            }
        };
        self.last = Some(topic.clone());
        Some(topic)
    }
}

/// A topic that is used once, such as where a reply goes.
pub(super) fn parse(text: &[u8]) -> Option<Topic> {
    Topic::new(std::str::from_utf8(text).ok()?).ok()
}

/// Whether no server of this protocol matches anything with it: a token is empty.
pub(super) fn matches_nothing(subject: &[u8]) -> bool {
    subject.split(|byte| *byte == b'.').any(<[u8]>::is_empty)
}

/// Whether no server of this protocol subscribes to it: a token is empty, or a `>` is not the last.
pub(super) fn is_no_pattern(subject: &[u8]) -> bool {
    matches_nothing(subject) || subject.starts_with(b">.") || subject.windows(3).any(|part| part == b".>.")
}

/// What a client may subscribe to: everything that is a pattern, but not the replies to others' requests.
pub(super) fn pattern(text: &[u8]) -> Option<Pattern> {
    let pattern = Pattern::new(std::str::from_utf8(text).ok()?).ok()?;
    let inbox = pattern.tokens().next() == Some(INBOX);
    (!inbox).then_some(pattern)
}

/// The name of a queue group, by the rules of the bus.
pub(super) fn group(name: &[u8]) -> Option<Arc<str>> {
    let name = std::str::from_utf8(name).ok()?;
    let fits = !name.contains(|c: char| c.is_whitespace() || c.is_control());
    fits.then(|| name.into())
}

/// Whether a request of this process waits there for its reply.
pub(super) fn is_inbox(topic: &Topic) -> bool {
    topic.is_reserved() && topic.tokens().next() == Some(INBOX)
}

#[cfg(test)]
mod tests {
    use super::super::permissions::Rule;
    use super::*;

    #[test]
    fn a_topic_is_checked_once_and_shared() {
        let denies = Rule { allow: None, deny: vec!["a.c".parse().expect("a pattern")] };
        let permissions = Permissions { publish: denies, ..Permissions::default() };
        let mut subjects = Subjects::new(Arc::new(permissions));
        let shared = |a: &Topic, b: &Topic| std::ptr::eq(a.as_str(), b.as_str());
        let (first, access) = subjects.topic(b"a.b").expect("a topic");
        assert!(access == Access::Granted && shared(&first, &subjects.topic(b"a.b").expect("a topic").0));
        let other = subjects.topic(b"a.c").expect("a topic");
        assert_eq!(other.1, Access::Denied);
        assert!(shared(&first, &subjects.topic(b"a.b").expect("a topic").0));
        for i in 0..KEPT_MAX {
            assert_eq!(
                subjects.topic(format!("t.{i}").as_bytes()).expect("a topic").0.as_str(),
                format!("t.{i}")
            );
            assert!(subjects.kept.len() <= KEPT_MAX);
        }
        assert_eq!(subjects.topic(b"a.c"), Some(other));
        let (kept, long) = (subjects.kept.len(), "x".repeat(KEPT_BYTES_MAX + 1));
        subjects.topic(long.as_bytes()).expect("a topic");
        assert_eq!(subjects.kept.len(), kept);
        for wrong in [&b"a..b"[..], b"a.*", b"", b"a\xff"] {
            assert_eq!(subjects.topic(wrong), None);
        }
    }

    #[test]
    fn what_is_no_subject_anywhere() {
        for subject in [&b"a..b"[..], b".a", b"a.", b".", b""] {
            assert!(matches_nothing(subject) && is_no_pattern(subject));
        }
        for pattern in [&b">.a"[..], b"a.>.b"] {
            assert!(!matches_nothing(pattern) && is_no_pattern(pattern));
        }
        for subject in
            [&b"a"[..], b"a.b", b"a.*", b">", b"a.>", b"a*b", b"a.>b.c", b"a.b>.c", b">a.b", b"\xff"]
        {
            assert!(!matches_nothing(subject) && !is_no_pattern(subject));
        }
    }

    #[test]
    fn others_replies_are_nobodys_business() {
        assert!(
            pattern(b"$INBOX.>").is_none() && pattern(b"$INBOX.1").is_none() && pattern(b"a..b").is_none()
        );
        assert!(pattern(b">").is_some() && pattern(b"$DLQ.>").is_some() && pattern(b"_INBOX.a.*").is_some());
    }
}
