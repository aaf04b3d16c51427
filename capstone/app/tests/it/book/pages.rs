//! A page shows nothing that was typed into it: each block is an include, and each session that it shows is played.

use std::fs;
use std::path::Path;

use super::{repository, sessions};

/// The pages, by name.
fn pages() -> Vec<(String, String)> {
    let folder = fs::read_dir(repository().join("book/src/capstone")).unwrap();
    let pages = folder.map(|entry| entry.unwrap().path()).map(|path| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
    });
    pages.collect()
}

#[test]
fn a_page_shows_only_what_is_included() {
    for (name, text) in pages() {
        let mut in_block = false;
        for (number, line) in (1..).zip(text.lines()) {
            if line.starts_with("```") {
                in_block = !in_block;
            } else if in_block {
                let included = line.is_empty() || line.starts_with("{{#include ");
                assert!(included, "{name}:{number}: `{line}` is kept true by nothing");
            }
        }
    }
}

#[test]
fn every_session_is_shown() {
    let pages: String = pages().into_iter().map(|(_, text)| text).collect();
    for entry in fs::read_dir(sessions()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let text = fs::read_to_string(sessions().join(&name)).unwrap();
        let shown = text.split("# ANCHOR: ").skip(1).filter_map(|rest| rest.split_once("# ANCHOR_END"));
        let told =
            |shown: &str| ["# quiet", "# until", "# numbers vary"].iter().any(|told| shown.contains(told));
        assert!(!shown.into_iter().any(|(shown, _)| told(shown)), "{name}: what is for the test is shown");
        for anchor in text.lines().filter_map(|line| line.strip_prefix("# ANCHOR: ")) {
            let include = format!("snippets/capstone/{name}:{anchor}}}}}");
            assert!(pages.contains(&include), "no page includes {anchor} of {name}");
        }
    }
}

#[test]
fn every_test_that_a_page_names_exists() {
    let code = code_of(&repository().join("capstone"));
    for (name, text) in pages() {
        // Every second piece is `code`; tests are the long names among it.
        let named = text.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() >= 3);
        for test in named.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            assert!(code.contains(&format!("fn {test}(")), "{name}: there is no test {test}");
        }
    }
}

/// All Rust below a folder.
fn code_of(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            code += &code_of(&path);
        } else if path.extension().is_some_and(|end| end == "rs") {
            code += &fs::read_to_string(path).unwrap();
        }
    }
    code
}
