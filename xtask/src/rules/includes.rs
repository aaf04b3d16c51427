//! The book shows code that cargo tests: every include resolves, and every Rust block is an include by named anchor.

use super::{Problem, anchor};
use crate::tree::{Tree, resolve};

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.matching("book/src/", ".md") {
        let mut fence = Fence::Outside;
        for (number, line) in (1..).zip(text.lines()) {
            fence = fence.after(line);
            let report = |(what, fix): (String, &str)| Problem::new(path, number, what, fix);
            problems
                .extend(directives(line).filter_map(|directive| broken(tree, path, directive)).map(report));
            if fence == Fence::Rust && written_by_hand(line) {
                problems.push(report((
                    "Rust that no test has seen".to_owned(),
                    "put it into tested code between `// ANCHOR: name` and `// ANCHOR_END: name`, and include it",
                )));
            }
        }
    }
    problems
}

/// Which kind of fenced block a line lies in. Its opening line counts as inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fence {
    Outside,
    Rust,
    Other,
}

impl Fence {
    fn after(self, line: &str) -> Fence {
        let Some(info) = line.trim_start().trim_start_matches('>').trim_start().strip_prefix("```") else {
            return self;
        };
        let language = info.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        match (self, language) {
            (Fence::Rust | Fence::Other, _) => Fence::Outside,
            (Fence::Outside, "rust" | "rs") => Fence::Rust,
            (Fence::Outside, _) => Fence::Other,
        }
    }
}

fn written_by_hand(line: &str) -> bool {
    let line = line.trim_start_matches(['>', ' ']).trim();
    let included = line.starts_with("{{#include ") && line.ends_with("}}");
    !included && !line.is_empty() && !line.starts_with("```")
}

/// The insides of `{{#…}}`; an escaped one (`\{{#…}}`) is text.
fn directives(line: &str) -> impl Iterator<Item = &str> {
    let starts = line.match_indices("{{#").filter(|(at, _)| !line[..*at].ends_with('\\'));
    starts.map(|(at, _)| {
        let rest = &line[at + "{{#".len()..];
        rest.split_once("}}").map_or(rest, |(inside, _)| inside)
    })
}

/// What is wrong with a directive in the chapter `path`, and how to fix it.
fn broken(tree: &Tree, path: &str, directive: &str) -> Option<(String, &'static str)> {
    let (command, target) = directive.split_once(' ').unwrap_or((directive, ""));
    if command == "title" {
        return None;
    }
    if command != "include" {
        return Some((format!("`{{{{#{command}}}}}` is not used here"), "write `{{#include path:anchor}}`"));
    }
    let (file, name) =
        target.trim().split_once(':').map_or((target.trim(), None), |(file, name)| (file, Some(name)));
    let Some(resolved) = resolve(path, file).filter(|resolved| tree.has_file(resolved)) else {
        return Some((
            format!("includes `{file}`, which does not exist"),
            "the path counts from this chapter's folder",
        ));
    };
    match name {
        None if file.ends_with(".rs") => {
            Some((format!("includes the whole of `{file}`"), "name an anchor: `{{#include path:anchor}}`"))
        }
        None => None,
        Some(name) if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) => {
            Some((format!("includes `{file}` by line numbers"), "lines move: name an anchor"))
        }
        Some(name) => anchor::fault(tree, &resolved, name)
            .map(|what| (what, "mark the lines with `ANCHOR: name` and `ANCHOR_END: name`, each once")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    fn book(chapter: &str) -> Tree {
        let code = "// ANCHOR: x\nfn x() {}\n// ANCHOR_END: x\n";
        Tree::of(&[
            ("book/src/11-a.md", chapter),
            ("lessons/11-a/src/lib.rs", code),
            ("lessons/11-a/timeline.txt", "t\n"),
        ])
    }

    #[test]
    fn good_includes() {
        let chapter = "```rust,ignore\n{{#include ../../lessons/11-a/src/lib.rs:x}}\n\n```\n\n```text\n\
            {{#include ../../lessons/11-a/timeline.txt}}\n```\n```go\nch := make(chan string)\n```\n\\{{#include no}}\n{{#title T}}\n";
        expect(check(&book(chapter)), &[]);
    }

    #[test]
    fn bad_includes() {
        let chapter = "{{#include ../../lessons/11-b/src/lib.rs:x}}\n{{#include ../../lessons/11-a/src/lib.rs:y}}\n\
            {{#include ../../lessons/11-a/src/lib.rs:1:3}}\n{{#include ../../lessons/11-a/src/lib.rs}}\n{{#playground x.rs}}\n";
        let expected = [
            "book/src/11-a.md:1: includes `../../lessons/11-b/src/lib.rs`, which does not exist",
            "book/src/11-a.md:2: lessons/11-a/src/lib.rs has no anchor `y`",
            "book/src/11-a.md:3: includes `../../lessons/11-a/src/lib.rs` by line numbers",
            "book/src/11-a.md:4: includes the whole of `../../lessons/11-a/src/lib.rs`",
            "book/src/11-a.md:5: `{{#playground}}` is not used here",
        ];
        expect(check(&book(chapter)), &expected);
    }

    #[test]
    fn rust_written_into_a_chapter_is_untested() {
        let chapter = "```rust\n{{#include ../../lessons/11-a/src/lib.rs:x}}\nlet y = 1;\n```\n> ```rust,no_run\n> f();\n> ```\n";
        expect(
            check(&book(chapter)),
            &[
                "book/src/11-a.md:3: Rust that no test has seen",
                "book/src/11-a.md:6: Rust that no test has seen",
            ],
        );
    }
}
