//! mdBook renders what SUMMARY.md names and nothing else: a chapter that is not named there does not exist.

use super::Problem;
use crate::tree::{Tree, resolve};

const SUMMARY: &str = "book/src/SUMMARY.md";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let named: Vec<String> = match tree.text(SUMMARY) {
        Some(text) => super::links::targets(text).filter_map(|(_, link)| resolve(SUMMARY, link)).collect(),
        None => Vec::new(),
    };
    let lessons = tree.folders_in("lessons").into_iter().map(|stem| format!("book/src/{stem}.md"));
    let chapters = tree.matching("book/src/", ".md").map(|(path, _)| path.to_owned());
    let mut wanted: Vec<String> = lessons.chain(chapters).filter(|path| path != SUMMARY).collect();
    wanted.sort();
    wanted.dedup();
    let absent = wanted.into_iter().filter(|path| !named.contains(path));
    absent
        .map(|path| {
            let link = path.trim_start_matches("book/src/");
            Problem::new(
                SUMMARY,
                0,
                format!("does not name {link}"),
                format!("add a line `- [Title]({link})`"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn every_chapter_and_every_lesson_is_named() {
        let tree = Tree::of(&[
            (SUMMARY, "# Summary\n\n- [Channels](11-channels.md)\n"),
            ("book/src/11-channels.md", ""),
            ("book/src/extra.md", ""),
            ("lessons/11-channels/Cargo.toml", ""),
            ("lessons/12-kinds/Cargo.toml", ""),
        ]);
        let expected =
            ["book/src/SUMMARY.md: does not name 12-kinds.md", "book/src/SUMMARY.md: does not name extra.md"];
        expect(check(&tree), &expected);
    }
}
