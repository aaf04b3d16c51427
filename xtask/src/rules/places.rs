//! What works on one machine only is no part of the repository: no absolute paths into somebody's home.

use super::Problem;
use crate::tree::Tree;

/// Split, so that this file does not find itself.
const PLACES: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts() {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(place) = PLACES.iter().find(|place| begins_a_path(line, place)) {
                let what = format!("holds the absolute path `{place}…`");
                problems.push(Problem::new(
                    path,
                    number,
                    what,
                    "write it relative to the repository, or make it a parameter",
                ));
            }
        }
    }
    problems
}

/// Inside of an address or of a longer path the same letters are something else.
fn begins_a_path(line: &str, place: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || ['.', '_', '-', '~', '}', ')'].contains(&c);
    line.match_indices(place).any(|(at, _)| !line[..at].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn absolute_paths_are_found_and_addresses_are_not() {
        let text = format!("see https://x.example{}a\ncd {}me/project\n\"{0}x\"\n", PLACES[2], PLACES[0]);
        let text = text + "src/work/a\n";
        let expected = [
            format!("a.md:2: holds the absolute path `{}…`", PLACES[0]),
            format!("a.md:3: holds the absolute path `{}…`", PLACES[2]),
        ];
        expect(check(&Tree::of(&[("a.md", &text)])), &expected.each_ref().map(String::as_str));
    }
}
