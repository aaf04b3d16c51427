//! Anyone who may drop a future asks what that does: every public async function of the libraries has a paragraph on it. Whether
//! it is true is for the tests.

use super::Problem;
use crate::tree::Tree;

const LIBRARIES: [&str; 2] = ["capstone/bus/src/", "capstone/outbox/src/"];

/// What tests run to its end.
const SUITE: &str = "capstone/outbox/src/testing/";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let files = LIBRARIES.iter().flat_map(|library| tree.matching(library, ".rs"));
    for (path, text) in files.filter(|(path, _)| !path.starts_with(SUITE)) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(signature) = line.strip_prefix("pub async fn ") else { continue };
            // An anchor of the book may stand between the paragraph and the function.
            let belongs =
                |line: &&&str| ["///", "#[", "// ANCHOR: "].iter().any(|start| line.starts_with(start));
            let mut above = lines[..at].iter().rev().take_while(belongs);
            if !above.any(|line| *line == "/// # Cancel safety") {
                let name = signature.split(['(', '<']).next().unwrap_or_default();
                let what = format!("`{name}` does not say what dropping it does");
                let fix = "add a paragraph `# Cancel safety`, and a test that drops it at each of its polls";
                problems.push(Problem::new(path, at + 1, what, fix));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn the_paragraph_belongs_to_the_function_below_it() {
        let text = "//! Why.\n/// Waits.\n///\n/// # Cancel safety\n/// Takes nothing.\n#[must_use]\n// ANCHOR: recv\npub async fn recv() {}\n\
            \n    /// Sends.\n    pub async fn send<T>(&self) {}\n/// Ours.\npub(crate) async fn inner() {}\npub fn sync() {}\n";
        let tree = Tree::of(&[
            ("capstone/bus/src/a.rs", text),
            ("capstone/app/src/a.rs", "pub async fn run() {}\n"),
            ("capstone/outbox/src/testing/a.rs", "pub async fn all() {}\n"),
        ]);
        expect(check(&tree), &["capstone/bus/src/a.rs:11: `send` does not say what dropping it does"]);
    }
}
