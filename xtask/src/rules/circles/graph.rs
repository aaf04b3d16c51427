//! Who uses whom, and the shortest way around. Does not know that these are modules.

use std::collections::{BTreeMap, VecDeque};

/// Each arrow with what is known of it: the first of its kind.
#[derive(Debug)]
pub(super) struct Graph<'n, T> {
    arrows: BTreeMap<&'n str, BTreeMap<&'n str, T>>,
}

/// Whether two that use each other are a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairs {
    Are,
    AreNot,
}

impl<'n, T> Graph<'n, T> {
    pub(super) fn new() -> Self {
        Graph { arrows: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, from: &'n str, to: &'n str, known: T) {
        self.arrows.entry(from).or_default().entry(to).or_insert(known);
    }

    /// Takes the arrows of the shortest circle out.
    pub(super) fn take_circle(&mut self, pairs: Pairs) -> Option<Vec<(&'n str, T)>> {
        let all = self.arrows.iter().flat_map(|(from, to)| to.keys().map(move |to| (*from, *to)));
        let around = |(from, to)| self.way(to, from, pairs);
        let mut names = all.filter_map(around).min_by_key(Vec::len)?;
        names.rotate_right(1); // begins with the first name of all
        let next = names.iter().cycle().skip(1);
        let known = names.iter().zip(next).map(|(from, to)| {
            let known = self.arrows.get_mut(from).and_then(|arrows| arrows.remove(to));
            (*from, known.expect("a way goes along arrows"))
        });
        Some(known.collect())
    }

    /// The names on the shortest way that, with an arrow back, is a circle.
    fn way(&self, from: &'n str, to: &'n str, pairs: Pairs) -> Option<Vec<&'n str>> {
        let mut before = BTreeMap::from([(from, from)]);
        let mut ends = VecDeque::from([from]);
        while let Some(end) = ends.pop_front() {
            for next in self.arrows.get(end).into_iter().flat_map(BTreeMap::keys).copied() {
                let is_pair = end == from && next == to;
                if (is_pair && pairs == Pairs::AreNot) || before.contains_key(next) {
                    continue;
                }
                before.insert(next, end);
                if next == to {
                    let step_back = |name: &&'n str| (*name != from).then(|| before[name]);
                    let mut way: Vec<_> = std::iter::successors(Some(to), step_back).collect();
                    way.reverse();
                    return Some(way);
                }
                ends.push_back(next);
            }
        }
        None
    }
}
