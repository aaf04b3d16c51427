//! A stranger learns from the first line why a file exists. Does not judge what it says.

use super::Problem;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let silent = tree.matching("", ".rs").filter(|(_, text)| !text.starts_with("//!"));
    let problem = |(path, _)| {
        Problem::new(path, 1, "does not begin with `//!`", "say in the first line why this file exists")
    };
    silent.map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn the_first_line_counts() {
        let tree = Tree::of(&[("a.rs", "//! Why.\n"), ("b.rs", "use x;\n//! Late.\n"), ("c.md", "text")]);
        expect(check(&tree), &["b.rs:1: does not begin with `//!`"]);
    }
}
