//! A tree of values by pattern, searched by topic.
//!
//! Knows nothing of subscriptions, and does not lock.

use crate::router::children::Children;
use crate::topic::grammar::{ONE, REST};
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
        let (to, ends) = match &*tokens {
            [to @ .., REST] => (to, End::Rest),
            to => (to, End::Here),
        };
        let Some(node) = self.root.at_mut(to) else { return };
        let value = match ends {
            End::Rest => &mut node.rest,
            End::Here => &mut node.here,
        };
        if value.as_deref_mut().is_some_and(|value| change(value) == Keep::No) {
            *value = None;
            self.prune(to);
        }
    }

    /// Takes out the nodes on this way that lead to nothing any more.
    fn prune(&mut self, way: &[&str]) {
        // The last node that something else needs; all below it have one child each, or none.
        let (mut node, mut needed) = (&self.root, 0);
        for (depth, token) in way.iter().enumerate() {
            if depth == 0 || node.has_more_than_one() {
                needed = depth;
            }
            node = node.child(token).expect("the way was just gone");
        }
        if way.is_empty() || !node.is_empty() {
            return;
        }
        let node = self.root.at_mut(&way[..needed]).expect("the way was just gone");
        fell(node.take_child(way[needed]));
    }

    /// Shows every value whose pattern matches the topic.
    pub(crate) fn visit<'a>(&'a self, topic: &Topic, mut visit: impl FnMut(&'a T)) {
        self.reached(topic).for_each(|(node, rest)| {
            let value = if rest.is_none() { &node.here } else { &node.rest };
            value.iter().for_each(|value| visit(value));
        });
    }

    /// Every node that the topic reaches, each once, with the rest of the topic, absent at its end.
    fn reached<'a, 't>(&'a self, topic: &'t Topic) -> impl Iterator<Item = (&'a Node<T>, Option<&'t str>)> {
        // No way through the wildcards of the root for what is reserved.
        let (first, below) = split(topic.as_str());
        let mut next = match topic.is_reserved() {
            true => self.root.children.get(first).map(|node| (node, below)),
            false => Some((&self.root, Some(topic.as_str()))),
        };
        // Where the way parts, `*` is gone first. Usually it does not, and nothing is pushed.
        let mut aside = Vec::new();
        std::iter::from_fn(move || {
            let (node, rest) = next.take().or_else(|| aside.pop())?;
            if let Some(rest) = rest {
                let (first, below) = split(rest);
                let literal = node.children.get(first).map(|node| (node, below));
                next = node.one.as_deref().map(|node| (node, below));
                match next {
                    Some(_) => aside.extend(literal),
                    None => next = literal,
                }
            }
            Some((node, rest))
        })
    }

    /// Shows every value, in no order.
    pub(crate) fn visit_all<'a>(&'a self, mut visit: impl FnMut(&'a T)) {
        let mut nodes = vec![&self.root];
        while let Some(node) = nodes.pop() {
            node.here.iter().chain(&node.rest).for_each(|value| visit(value));
            nodes.extend(node.one.as_deref().into_iter().chain(node.children.values()));
        }
    }
}

impl<T> Drop for Trie<T> {
    fn drop(&mut self) {
        fell(Some(std::mem::take(&mut self.root)));
    }
}

/// Where a pattern ends.
enum End {
    Here,
    Rest,
}

// A client chooses how deep it is: nothing here calls itself.
impl<T> Node<T> {
    fn at_mut(&mut self, way: &[&str]) -> Option<&mut Self> {
        way.iter().try_fold(self, |node, token| match *token {
            ONE => node.one.as_deref_mut(),
            literal => node.children.get_mut(literal),
        })
    }

    fn child(&self, token: &str) -> Option<&Self> {
        if token == ONE { self.one.as_deref() } else { self.children.get(token) }
    }

    fn take_child(&mut self, token: &str) -> Option<Self> {
        if token == ONE { self.one.take().map(|node| *node) } else { self.children.remove(token) }
    }

    fn is_empty(&self) -> bool {
        self.here.is_none() && self.rest.is_none() && self.one.is_none() && self.children.is_empty()
    }

    /// Whether it has anything but one child.
    fn has_more_than_one(&self) -> bool {
        let values = usize::from(self.here.is_some()) + usize::from(self.rest.is_some());
        values + usize::from(self.one.is_some()) + self.children.len() > 1
    }
}

/// Frees a node with all below it, one after another.
fn fell<T>(node: Option<Node<T>>) {
    let mut felled: Vec<Node<T>> = node.into_iter().collect();
    while let Some(mut node) = felled.pop() {
        felled.extend(node.one.take().map(|node| *node));
        felled.extend(node.children.into_values());
    }
}

/// The first token, and what is behind it.
fn split(tokens: &str) -> (&str, Option<&str>) {
    tokens.split_once('.').map_or((tokens, None), |(first, below)| (first, Some(below)))
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { here: None, rest: None, one: None, children: Children::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::oracle;

    impl<T> Trie<T> {
        /// Nodes, and places in their maps.
        pub(crate) fn size(&self) -> (usize, usize) {
            let (mut nodes, mut size) = (vec![&self.root], (0, 0));
            while let Some(node) = nodes.pop() {
                size = (size.0 + 1, size.1 + node.children.capacity());
                nodes.extend(node.one.as_deref().into_iter().chain(node.children.values()));
            }
            size
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

    /// As deep as it gets, on a stack that would not do for a call a token.
    #[test]
    fn depth_costs_no_stack() {
        let deep = || {
            let mut trie: Trie<Vec<String>> = Trie::new();
            let texts = [
                vec!["*"; 2_048].join("."),
                vec!["t"; 2_048].join("."),
                format!("{}.>", vec!["t"; 2_047].join(".")),
            ];
            let patterns = texts.map(|text| Pattern::new(text).expect("a pattern"));
            for pattern in &patterns {
                trie.entry(pattern).push(pattern.to_string());
            }
            let topic = Topic::new(vec!["t"; 2_048].join(".")).expect("a topic");
            assert_eq!(found(&trie, &topic).len(), 3);
            let mut all = 0;
            trie.visit_all(|values| all += values.len());
            assert_eq!((all, trie.size().0), (3, 2 * 2_048 + 1));
            for (left, pattern) in [3, 2, 1].into_iter().zip(&patterns) {
                assert_eq!(found(&trie, &topic).len(), left);
                trie.edit(pattern, |_| Keep::No);
            }
            assert_eq!(trie.size(), (1, 0));
            for pattern in &patterns {
                trie.entry(pattern).push(pattern.to_string());
            }
            drop(trie);
        };
        let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(deep);
        thread.expect("a thread").join().expect("it has room");
    }

    /// All patterns of `a` and `*` of one length, and a topic that all of them match: as many ways as there can be.
    #[test]
    fn a_match_looks_at_each_node_once_at_most() {
        const DEPTH: u32 = 10;
        let mut trie: Trie<Vec<String>> = Trie::new();
        for number in 0..1_u32 << DEPTH {
            let tokens = (0..DEPTH).map(|bit| if number >> bit & 1 == 0 { "a" } else { "*" });
            let text = tokens.chain(std::iter::repeat_n("*", 100)).collect::<Vec<_>>().join(".");
            let pattern = Pattern::new(text).expect("a pattern");
            trie.entry(&pattern).push(pattern.to_string());
        }
        let topic = Topic::new(vec!["a"; DEPTH as usize + 100].join(".")).expect("a topic");
        assert_eq!(found(&trie, &topic).len(), 1 << DEPTH);
        assert_eq!(trie.reached(&topic).count(), trie.size().0);
    }
}
