//! What this repository demands of itself. Each rule is a pure function from the files to the problems it finds;
//! `cargo test -p xtask` runs all of them over the real tree and says, for each problem, how to fix it.

mod anchor;
mod cancel;
mod chapters;
mod circles;
mod imports;
mod includes;
mod links;
mod manifests;
mod opening;
mod places;
mod problem;
mod sizes;
mod stems;
mod summary;
mod unfinished;
mod vectors;

pub use self::problem::Problem;
use crate::tree::Tree;

/// A rule: its name, and what finds its problems.
pub type Rule = (&'static str, fn(&Tree) -> Vec<Problem>);

pub const RULES: [Rule; 14] = [
    ("every Rust file begins with //!", opening::check),
    ("files stay within their size", sizes::check),
    ("public async functions say what dropping them does", cancel::check),
    ("dependencies run one way", imports::check),
    ("files use one another in one direction", circles::check),
    ("versions and features are decided in one place", manifests::check),
    ("a lesson has one stem in three places", stems::check),
    ("the book includes what exists", includes::check),
    ("every chapter is in the summary", summary::check),
    ("chapters ask first, and end with what to do next", chapters::check),
    ("links and images resolve", links::check),
    ("drawings hold no script", vectors::check),
    ("nothing is left unfinished", unfinished::check),
    ("no path of one machine", places::check),
];

/// Fails a test with every problem, so that one run shows them all.
#[cfg(test)]
#[track_caller]
fn expect(problems: Vec<Problem>, expected: &[&str]) {
    let found: Vec<String> = problems
        .iter()
        .map(|problem| problem.to_string().lines().next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(found, expected);
}
