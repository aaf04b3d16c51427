//! [`Permissions`]: which subjects a user may publish and subscribe to, by the rules of nats-server.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::topic::grammar::{ONE, REST};
use crate::{Pattern, Topic};

/// Topics that a subscription remembers to be hidden, or not; and the bytes of one.
const REMEMBERED_MAX: usize = 1024;
const REMEMBERED_BYTES_MAX: usize = 256;

/// What a user may do; everything unless something is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Permissions {
    pub(super) publish: Rule,
    pub(super) subscribe: Rule,
    /// Whether it may publish, once, to where the reply to a message goes that it has got.
    pub(super) responds: bool,
}

/// Which subjects are meant.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    /// Only these; all without.
    pub(super) allow: Option<Vec<Pattern>>,
    /// And none of these.
    pub(super) deny: Vec<Pattern>,
}

/// What a subscription does not get although its pattern matches.
#[derive(Debug)]
pub(super) struct Hidden {
    patterns: Box<[Pattern]>,
    /// Of the standard library: locked for a look-up, and never across an await.
    remembered: Mutex<HashMap<Topic, bool>>,
}

impl Permissions {
    /// Whether nothing is said.
    pub(super) fn are_all(&self) -> bool {
        self.publish.is_all() && self.subscribe.is_all()
    }

    pub(super) fn may_publish(&self, topic: &Topic) -> bool {
        self.publish.allows(topic.as_str())
    }

    pub(super) fn may_subscribe(&self, pattern: &Pattern) -> bool {
        self.subscribe.allows(pattern.as_str())
    }

    /// What lies within this pattern and is denied.
    pub(super) fn hidden_in(&self, pattern: &Pattern) -> Option<Hidden> {
        let within = |denied: &&Pattern| overlap(denied.as_str(), pattern.as_str());
        let patterns: Box<[Pattern]> = self.subscribe.deny.iter().filter(within).cloned().collect();
        (!patterns.is_empty()).then(|| Hidden { patterns, remembered: Mutex::default() })
    }
}

impl Rule {
    fn is_all(&self) -> bool {
        self.allow.is_none() && self.deny.is_empty()
    }

    /// Whether all that this text stands for is allowed, and is not denied as a whole.
    fn allows(&self, text: &str) -> bool {
        let among = |patterns: &[Pattern]| patterns.iter().any(|pattern| covers(pattern.as_str(), text));
        self.allow.as_deref().is_none_or(among) && !among(&self.deny)
    }
}

impl Hidden {
    pub(super) fn hides(&self, topic: &Topic) -> bool {
        let mut remembered = self.remembered.lock().expect("nothing that can panic runs under this lock");
        if let Some(hides) = remembered.get(topic) {
            return *hides;
        }
        let hides = self.patterns.iter().any(|pattern| covers(pattern.as_str(), topic.as_str()));
        if topic.as_str().len() > REMEMBERED_BYTES_MAX {
            return hides;
        }
        if remembered.len() == REMEMBERED_MAX {
            remembered.clear();
        }
        remembered.insert(topic.clone(), hides);
        hides
    }
}

/// Whether the one pattern matches all that the other, or a topic, does. As in nats-server, and unlike a subscription, a
/// wildcard in the first place stands for subjects that begin with `$`, too: who denies `>` means everything.
fn covers(wide: &str, narrow: &str) -> bool {
    let mut narrow = narrow.split('.');
    for wanted in wide.split('.') {
        match (wanted, narrow.next()) {
            (_, None) => return false,
            (REST, Some(_)) => return true,
            (ONE, Some(token)) if token != REST => {}
            (wanted, Some(token)) if wanted == token => {}
            _ => return false,
        }
    }
    narrow.next().is_none()
}

/// Whether some topic matches both.
fn overlap(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (None, _) | (_, None) => return false,
            (Some(REST), _) | (_, Some(REST)) => return true,
            (Some(ONE), _) | (_, Some(ONE)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::oracle;

    fn patterns<const N: usize>(texts: [&str; N]) -> Vec<Pattern> {
        texts.map(|text| text.parse().expect("a pattern")).into()
    }

    #[test]
    fn covering_and_overlapping_agree_with_the_oracle_everywhere() {
        let topics: Vec<_> = oracle::topics().into_iter().filter(|topic| !topic.is_reserved()).collect();
        // A bit for each topic. Those of up to four tokens tell patterns of up to four tokens apart, but for a last `>`.
        let matched = |pattern: &Pattern| {
            let bits =
                topics.iter().map(|topic| u128::from(oracle::matches(pattern.as_str(), topic.as_str())));
            bits.fold(0_u128, |all, bit| all << 1 | bit)
        };
        let patterns = oracle::patterns().into_iter().filter(|pattern| !pattern.as_str().starts_with('$'));
        let patterns: Vec<_> = patterns.map(|pattern| (matched(&pattern), pattern)).collect();
        for (wide, wide_text) in patterns.iter().map(|(bits, pattern)| (bits, pattern.as_str())) {
            for (topic, bit) in topics.iter().rev().zip(0..) {
                assert_eq!(covers(wide_text, topic.as_str()), wide >> bit & 1 == 1, "{wide_text} {topic}");
            }
            for (narrow, narrow_text) in patterns.iter().map(|(bits, pattern)| (bits, pattern.as_str())) {
                let is_within =
                    narrow & !wide == 0 && (!narrow_text.ends_with('>') || wide_text.ends_with('>'));
                assert_eq!(covers(wide_text, narrow_text), is_within, "{wide_text} {narrow_text}");
                assert_eq!(overlap(wide_text, narrow_text), narrow & wide != 0, "{wide_text} {narrow_text}");
            }
        }
        assert!(covers(">", "$DLQ.a") && covers("*.a", "$DLQ.a"), "unlike a subscription");
        assert!(overlap(">", "$DLQ.a") && overlap("$DLQ.>", "*.a"));
    }

    #[test]
    fn what_is_denied_wins_and_nothing_said_is_everything() {
        let rule = Rule { allow: Some(patterns(["foo.*", "q.>"])), deny: patterns(["foo.no"]) };
        assert!(rule.allows("foo.a") && rule.allows("q.a.b") && rule.allows("foo.*"));
        for text in ["foo.no", "foo", "foo.a.b", "foo.>", "other", ">", "*", "*.a", "q"] {
            assert!(!rule.allows(text), "{text}");
        }
        assert!(Rule::default().allows(">"));
        let none = Rule { allow: Some(vec![]), deny: vec![] };
        assert!(!none.allows("a"));
        let some = Rule { allow: None, deny: patterns(["a.>"]) };
        assert!(some.allows("a") && some.allows(">") && !some.allows("a.b") && !some.allows("a.*"));
    }

    #[test]
    fn what_is_denied_within_a_subscription_is_hidden_from_it() {
        let deny = patterns(["bar.no", "foo.n.*"]);
        let permissions = Permissions { subscribe: Rule { allow: None, deny }, ..Permissions::default() };
        let hidden = permissions.hidden_in(&"bar.>".parse().expect("a pattern")).expect("bar.no");
        assert_eq!(hidden.patterns.len(), 1);
        let topic = |text: &str| Topic::new(text).expect("a topic");
        for _ in 0..2 {
            assert!(hidden.hides(&topic("bar.no")) && !hidden.hides(&topic("bar.yes")));
        }
        for number in 0..2 * REMEMBERED_MAX {
            assert!(!hidden.hides(&topic(&format!("bar.{number}"))));
        }
        assert!(hidden.remembered.lock().expect("not poisoned").len() <= REMEMBERED_MAX);
        assert!(permissions.hidden_in(&"other.>".parse().expect("a pattern")).is_none());
    }
}
