//! The page "Best practices" names a test for each rule. Each of them exists, in the lesson that the rule links to.

use std::fs;
use std::path::Path;

use lesson_31::show::root;

/// The names of the tests that a text puts in backticks.
fn tests_in(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split('`').skip(1).step_by(2);
    code.filter(|code| {
        code.matches('_').count() >= 2
            && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    })
}

fn sources(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files.flatten().filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
}

#[test]
fn every_rule_links_to_a_lesson_whose_tests_prove_it() {
    let page = fs::read_to_string(root().join("book/src/best-practices.md")).unwrap();
    let rules: Vec<&str> = page.split("\n- ").skip(1).collect();
    assert!(rules.len() > 30);
    for rule in rules {
        assert!(tests_in(rule).next().is_some(), "no test is named:\n{rule}");
        for linked in rule.split("](").skip(1) {
            let stem = linked.split(".md").next().expect("a chapter");
            let tests = sources(&root().join("lessons").join(stem).join("tests"));
            // Up to the next link.
            let named: Vec<_> = tests_in(linked.split("[lesson").next().unwrap_or_default()).collect();
            assert!(!named.is_empty(), "{stem}: no test is named:\n{rule}");
            for test in named {
                assert!(tests.contains(&format!("fn {test}()")), "{stem} has no test `{test}`");
            }
        }
    }
}
