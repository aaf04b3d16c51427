//! The files of a package use one another in one direction: so there is an order in which they can be read, and tested. At the
//! top of `src/` there is no circle at all; inside of a folder two files may know each other, which are two halves of one
//! thing, and so may a folder's own file and each of its parts.
//!
//! A name counts as that of the module that defines it, through whatever `pub use` it is said. Methods, tests and comments do
//! not count.

mod graph;
mod module;
mod package;
#[cfg(test)]
mod tests;
mod tokens;

use std::collections::BTreeMap;

use self::graph::{Graph, Pairs};
use self::package::{Arrow, Package};
use super::Problem;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let roots = ["/src/lib.rs", "/src/main.rs"].into_iter().flat_map(|root| tree.matching("", root));
    roots.map(|(root, _)| root).flat_map(|root| circles(root, &Package::read(tree, root))).collect()
}

fn circles(root: &str, package: &Package<'_>) -> Vec<Problem> {
    let root = if root.ends_with("main.rs") { "main" } else { "lib" };
    let mut folders: BTreeMap<&[&str], Graph<'_, Arrow<'_, '_>>> = BTreeMap::new();
    for arrow in package.arrows() {
        let common = arrow.from.iter().zip(arrow.to).take_while(|(from, to)| from == to).count();
        // What a folder's own file is called among its parts.
        let itself = if common == 0 { root } else { "mod" };
        let [from, to] = [arrow.from, arrow.to].map(|path| path.get(common).copied().unwrap_or(itself));
        folders.entry(&arrow.from[..common]).or_insert_with(Graph::new).add(from, to, arrow);
    }
    let mut problems = Vec::new();
    for (folder, mut graph) in folders {
        let pairs = if folder.is_empty() { Pairs::Are } else { Pairs::AreNot };
        problems.extend(std::iter::from_fn(|| graph.take_circle(pairs)).map(|circle| problem(&circle)));
    }
    problems
}

fn problem(circle: &[(&str, Arrow<'_, '_>)]) -> Problem {
    let (_, first) = &circle[0];
    let names: Vec<&str> = circle.iter().chain(&circle[..1]).map(|(name, _)| *name).collect();
    let arrow = |(_, arrow): &(&str, Arrow<'_, '_>)| format!("{}:{}", arrow.file, arrow.line);
    let arrows: Vec<String> = circle[1..].iter().map(arrow).collect();
    let what = format!("is in the circle {}, with {}", names.join(" → "), arrows.join(", "));
    let fix =
        "move what they share below all of them, turn one use round, or make one file of what is one thing";
    Problem::new(first.file, first.line, what, fix)
}
