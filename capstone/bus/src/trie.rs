//! A tree of values by pattern, searched by topic.
//!
//! Knows nothing of subscriptions, and does not lock.

use crate::children::Children;
use crate::grammar::{ONE, REST};
use crate::{Pattern, Topic};

/// One node per distinct token at a place; matching costs one look-up per token of the topic and per `*` on the way,
/// however many patterns there are.
#[derive(Debug)]
pub(crate) struct Trie<T> {
    root: Node<T>,
}

#[derive(Debug)]
struct Node<T> {
    /// Of the pattern that ends here.
    here: Option<Box<T>>,
    /// Of the pattern that goes on with `>`.
    rest: Option<Box<T>>,
    /// Below `*`.
    one: Option<Box<Node<T>>>,
    /// Below a literal token.
    children: Children<Node<T>>,
}

/// Whether a value is still wanted in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Yes,
    No,
}

impl<T: Default> Trie<T> {
    pub(crate) fn new() -> Self {
        Self { root: Node::default() }
    }

    /// The value of this pattern; made when there is none.
    pub(crate) fn entry(&mut self, pattern: &Pattern) -> &mut T {
        let mut node = &mut self.root;
        for token in pattern.tokens() {
            match token {
                REST => return node.rest.get_or_insert_default(),
                ONE => node = node.one.get_or_insert_default(),
                literal => node = node.children.entry(literal),
            }
        }
        node.here.get_or_insert_default()
    }

    /// Changes the value of this pattern, if there is one; when it is not to be kept, it goes, and every node that
    /// only led to it.
    pub(crate) fn edit(&mut self, pattern: &Pattern, change: impl FnOnce(&mut T) -> Keep) {
        let tokens: Vec<&str> = pattern.tokens().collect();
        self.root.edit(&tokens, change);
    }

    /// Shows every value whose pattern matches the topic.
    pub(crate) fn visit<'a>(&'a self, topic: &Topic, mut visit: impl FnMut(&'a T)) {
        if topic.is_reserved() {
            // No way through the wildcards of the root.
            self.root.visit_child(topic.as_str(), &mut visit);
        } else {
            self.root.visit(Some(topic.as_str()), &mut visit);
        }
    }

    /// Shows every value, in no order.
    pub(crate) fn visit_all<'a>(&'a self, mut visit: impl FnMut(&'a T)) {
        self.root.visit_all(&mut visit);
    }
}

// At most 33 levels deep, by the limit on tokens: recursion is safe.
impl<T> Node<T> {
    fn edit(&mut self, tokens: &[&str], change: impl FnOnce(&mut T) -> Keep) {
        match tokens {
            [] => edit_value(&mut self.here, change),
            [REST] => edit_value(&mut self.rest, change),
            [ONE, below @ ..] => {
                if let Some(node) = &mut self.one {
                    node.edit(below, change);
                    self.one.take_if(|node| node.is_empty());
                }
            }
            [literal, below @ ..] => {
                if let Some(node) = self.children.get_mut(literal) {
                    node.edit(below, change);
                    if node.is_empty() {
                        self.children.remove(literal);
                    }
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.here.is_none() && self.rest.is_none() && self.one.is_none() && self.children.is_empty()
    }

    /// Shows what matches the rest of a topic, absent when this is its end.
    fn visit<'a>(&'a self, tokens: Option<&str>, visit: &mut impl FnMut(&'a T)) {
        let Some(tokens) = tokens else {
            self.here.iter().for_each(|value| visit(value));
            return;
        };
        self.rest.iter().for_each(|value| visit(value));
        if let Some(node) = &self.one {
            node.visit(split(tokens).1, visit);
        }
        self.visit_child(tokens, visit);
    }

    fn visit_child<'a>(&'a self, tokens: &str, visit: &mut impl FnMut(&'a T)) {
        let (first, below) = split(tokens);
        if let Some(node) = self.children.get(first) {
            node.visit(below, visit);
        }
    }

    fn visit_all<'a>(&'a self, visit: &mut impl FnMut(&'a T)) {
        self.here.iter().chain(&self.rest).for_each(|value| visit(value));
        for node in self.one.as_deref().into_iter().chain(self.children.values()) {
            node.visit_all(visit);
        }
    }
}

/// The first token, and what is behind it.
fn split(tokens: &str) -> (&str, Option<&str>) {
    tokens.split_once('.').map_or((tokens, None), |(first, below)| (first, Some(below)))
}

fn edit_value<T>(value: &mut Option<Box<T>>, change: impl FnOnce(&mut T) -> Keep) {
    if let Some(inner) = value
        && change(inner) == Keep::No
    {
        *value = None;
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { here: None, rest: None, one: None, children: Children::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle;

    impl<T> Trie<T> {
        /// Nodes, and places in their maps.
        pub(crate) fn size(&self) -> (usize, usize) {
            self.root.size()
        }
    }

    impl<T> Node<T> {
        fn size(&self) -> (usize, usize) {
            let below = self.one.as_deref().into_iter().chain(self.children.values());
            below.map(Node::size).fold((1, self.children.capacity()), |a, b| (a.0 + b.0, a.1 + b.1))
        }
    }

    fn found<'a>(trie: &'a Trie<Vec<String>>, topic: &Topic) -> Vec<&'a str> {
        let mut found = Vec::new();
        trie.visit(topic, |values| found.extend(values.iter().map(String::as_str)));
        found.sort_unstable();
        found
    }

    #[test]
    fn finds_what_the_oracle_finds_with_every_pattern_in_one_tree() {
        let patterns = oracle::patterns();
        let mut trie: Trie<Vec<String>> = Trie::new();
        for pattern in &patterns {
            trie.entry(pattern).push(pattern.to_string());
        }
        for topic in oracle::topics() {
            let all = patterns.iter().map(Pattern::as_str);
            let mut expected: Vec<_> =
                all.filter(|pattern| oracle::matches(pattern, topic.as_str())).collect();
            expected.sort_unstable();
            assert_eq!(found(&trie, &topic), expected, "topic {topic}");
        }
    }

    #[test]
    fn removing_one_pattern_removes_no_other() {
        let patterns = oracle::patterns();
        let topics = oracle::topics();
        let mut trie: Trie<Vec<String>> = Trie::new();
        for pattern in &patterns {
            trie.entry(pattern).push(pattern.to_string());
        }
        let (removed, kept) = patterns.split_at(patterns.len() / 2);
        for pattern in removed {
            trie.edit(pattern, |_| Keep::No);
        }
        for topic in &topics {
            let all = kept.iter().map(Pattern::as_str);
            let mut expected: Vec<_> =
                all.filter(|pattern| oracle::matches(pattern, topic.as_str())).collect();
            expected.sort_unstable();
            assert_eq!(found(&trie, topic), expected, "topic {topic}");
        }
        for pattern in kept {
            trie.edit(pattern, |_| Keep::No);
        }
        assert_eq!(trie.size(), (1, 0));
    }
}
