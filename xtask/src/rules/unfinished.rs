//! Nothing is left for later, except what somebody is meant to write: an exercise's starter, and the templates of a lesson.

use super::Problem;
use crate::tree::Tree;

/// Split, so that this file does not find itself.
const MACROS: [&str; 2] = [concat!("to", "do!("), concat!("unimple", "mented!(")];
const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), crate::new_lesson::FILL_IN];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| !is_to_be_filled(path)) {
        let prose = path.ends_with(".md");
        for (number, line) in
            (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//~|"))
        {
            // Prose may speak of the macros: a task says what to replace.
            let found = MACROS.iter().find(|word| !prose && line.contains(**word));
            if let Some(word) = found.or(NOTES.iter().find(|word| contains_word(line, word))) {
                let what = format!("`{word}` leaves something for later");
                problems.push(Problem::new(path, number, what, "do it now, or describe it in an issue"));
            }
        }
    }
    problems
}

fn is_to_be_filled(path: &str) -> bool {
    let starter = path.starts_with("exercises/") && path.ends_with("/src/exercise.rs");
    starter || path.starts_with("xtask/templates/")
}

fn contains_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(part) && !after.starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn only_starters_may_be_unfinished() {
        let todo = format!("//! A.\nfn a() {{ {}) }}\n", MACROS[0]);
        let region = format!("    //~| {})\n", MACROS[0]);
        let note = format!("# A\n{}: more\nThe macro {}).\n{}S\n", NOTES[0], MACROS[0], NOTES[0]);
        let tree = Tree::of(&[
            ("capstone/bus/src/lib.rs", &todo),
            ("docs/a.md", &note),
            ("exercises/11-a/1-b/src/exercise.rs", &todo),
            ("exercises/11-a/1-b/src/solution.rs", &region),
        ]);
        let expected = [
            format!("capstone/bus/src/lib.rs:2: `{}` leaves something for later", MACROS[0]),
            format!("docs/a.md:2: `{}` leaves something for later", NOTES[0]),
        ];
        expect(check(&tree), &expected.each_ref().map(String::as_str));
    }
}
