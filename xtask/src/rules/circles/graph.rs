//! Who uses whom, and the shortest way around. Does not know that these are modules.

use std::collections::{BTreeMap, VecDeque};

/// Each arrow with what is known of it: the first of its kind.
#[derive(Debug)]
pub(super) struct Graph<'n, T> {
    arrows: BTreeMap<&'n str, BTreeMap<&'n str, T>>,
}

impl<'n, T> Graph<'n, T> {
    pub(super) fn new() -> Self {
        Graph { arrows: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, from: &'n str, to: &'n str, known: T) {
        self.arrows.entry(from).or_default().entry(to).or_insert(known);
    }

    /// Takes the arrows of the shortest circle out that has at least so many of them.
    pub(super) fn take_circle(&mut self, least: usize) -> Option<Vec<(&'n str, T)>> {
        let all = self.arrows.iter().flat_map(|(from, to)| to.keys().map(move |to| (*from, *to)));
        let around = |(from, to)| self.way(to, from, least);
        let mut names = all.filter_map(around).min_by_key(Vec::len)?;
        names.rotate_right(1); // begins with the first name of all
        let next = names.iter().cycle().skip(1);
        let known = names.iter().zip(next).map(|(from, to)| {
            let known = self.arrows.get_mut(from).and_then(|arrows| arrows.remove(to));
            (*from, known.expect("a way goes along arrows"))
        });
        Some(known.collect())
    }

    /// The names on the shortest way that, with an arrow back, is a circle of at least so many.
    fn way(&self, from: &'n str, to: &'n str, least: usize) -> Option<Vec<&'n str>> {
        let mut before = BTreeMap::from([(from, from)]);
        let mut ends = VecDeque::from([from]);
        while let Some(end) = ends.pop_front() {
            for next in self.arrows.get(end).into_iter().flat_map(BTreeMap::keys).copied() {
                let is_too_short = end == from && next == to && least > 2;
                if is_too_short || before.contains_key(next) {
                    continue;
                }
                before.insert(next, end);
                if next == to {
                    let mut way: Vec<_> =
                        std::iter::successors(Some(to), |name| Some(before[name]).filter(|_| *name != from))
                            .collect();
                    way.reverse();
                    return Some(way);
                }
                ends.push_back(next);
            }
        }
        None
    }
}
