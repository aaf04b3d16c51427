//! What `patterns.toml` says: complete, in the order of the program, and true of the files that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lesson_31::catalogue::CATALOGUE;
use lesson_31::page::page;
use lesson_31::play::{Clock, Wanted, perform, understand};
use lesson_31::show::{self, located, root};
use lesson_31::story::PATTERNS;
use shared::assert_artifact;

fn own(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_pattern_has_a_function_and_stands_in_its_family() {
    let named: Vec<_> = CATALOGUE.patterns.iter().map(|pattern| pattern.name.as_str()).collect();
    assert_eq!(named, PATTERNS.map(|(name, _)| name));
    let families = CATALOGUE.families.iter().flat_map(|family| CATALOGUE.of(family));
    assert_eq!(families.map(|pattern| pattern.name.as_str()).collect::<Vec<_>>(), named);
    assert!(named.len() >= 24);
}

#[test]
fn every_function_has_at_most_30_lines() {
    for pattern in &CATALOGUE.patterns {
        let code = own(&format!("src/{}.rs", pattern.family));
        let name = &pattern.name;
        let (open, close) = (format!("// ANCHOR: {name}\n"), format!("// ANCHOR_END: {name}\n"));
        let shown = code.split_once(&open).and_then(|(_, rest)| rest.split_once(&close));
        let (shown, _) = shown.unwrap_or_else(|| panic!("`{name}` is not in the module {}", pattern.family));
        let longest = shown.split("\n}\n").map(|function| function.lines().count() + 1).max();
        assert!(longest <= Some(31), "`{name}` has {longest:?} lines with its comment");
        assert!(shown.contains(&format!("pub async fn {}(", name.replace('-', "_"))), "`{name}`");
    }
}

#[test]
fn ratings_are_between_1_and_5_and_have_a_reason() {
    assert_eq!(CATALOGUE.criteria.len(), 4);
    for pattern in &CATALOGUE.patterns {
        for rating in pattern.ratings() {
            assert!((1..=5).contains(&rating.0) && rating.1.ends_with('.'), "{}: {rating:?}", pattern.name);
        }
    }
    let points = |name| CATALOGUE.find(name).unwrap().ratings().map(|rating| rating.0);
    assert_eq!(
        [points("join!"), points("spawn"), points("select!")],
        [[5, 3, 5, 4], [3, 5, 4, 2], [2, 4, 3, 3]]
    );
}

#[test]
fn the_readme_has_the_lesson_and_the_place_of_every_pattern() {
    let readme = fs::read_to_string(root().join("README.md")).expect("it is there");
    let rows: Vec<&str> =
        readme.lines().filter(|line| line.starts_with("| ") && line.contains("](lessons/")).collect();
    for pattern in &CATALOGUE.patterns {
        let lesson = format!("[{}](lessons/", pattern.lesson);
        assert!(
            rows.iter().any(|row| row.contains(&lesson)),
            "{}: no row for lesson {}",
            pattern.name,
            pattern.lesson
        );
        let Some(file) = &pattern.capstone.file else { continue };
        assert!(
            rows.iter().any(|row| row.contains(&format!("]({file})"))),
            "{}: no row names {file}",
            pattern.name
        );
    }
}

#[test]
fn every_line_of_the_capstone_that_is_named_exists_once() {
    for pattern in &CATALOGUE.patterns {
        let capstone = &pattern.capstone;
        let (Some(file), Some(line)) = (&capstone.file, &capstone.line) else {
            assert!(capstone.why.starts_with("Not used."), "{}: where is it used?", pattern.name);
            continue;
        };
        assert!(located(&root(), capstone).is_some(), "{file} has no line with `{line}`");
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert_eq!(text.matches(line.as_str()).count(), 1, "{file}: `{line}` must be one place");
    }
}

#[test]
fn what_becomes_of_the_rest_is_shown_by_a_test() {
    let tests = ["patterns", "services", "rest"].map(|name| own(&format!("tests/{name}.rs"))).concat();
    for pattern in &CATALOGUE.patterns {
        let test = format!("fn {}()", pattern.shown);
        assert!(tests.contains(&test), "{}: there is no test `{}`", pattern.name, pattern.shown);
    }
}

#[test]
fn every_leaf_of_a_tree_is_a_pattern_and_every_pattern_is_a_leaf() {
    let mut reached = BTreeSet::new();
    for tree in &CATALOGUE.trees {
        for line in tree.list.lines() {
            assert!(line.trim_start().starts_with("- "), "{}: `{line}` is no item of a list", tree.title);
        }
        let leaves = tree.list.split('[').skip(1);
        reached.extend(leaves.map(|rest| rest.split_once(']').expect("a closing bracket").0.to_owned()));
    }
    let named: BTreeSet<_> = CATALOGUE.patterns.iter().map(|pattern| pattern.name.clone()).collect();
    assert_eq!(reached, named);
}

#[test]
fn the_channels_of_the_table_are_patterns() {
    let topologies = CATALOGUE.channels.iter().map(|channel| (&channel.name[..], &channel.topology[..]));
    let expected = [("mpsc", "N:1"), ("oneshot", "1:1"), ("broadcast", "N:M"), ("watch", "N:M")];
    assert_eq!(topologies.collect::<Vec<_>>(), expected);
    assert!(CATALOGUE.channels.iter().all(|channel| CATALOGUE.find(&channel.name).is_some()));
}

#[test]
fn every_lesson_that_is_named_is_a_lesson_of_the_course() {
    assert!(CATALOGUE.patterns.iter().all(|pattern| (10..=30).contains(&pattern.lesson)));
}

#[test]
fn every_pattern_plays_in_less_than_2_s_and_all_in_less_than_5_s() {
    // On the paused clock: how long the waits are. A lesson's story takes at most 5 s.
    let ends_at_ms = |play| perform(play, Clock::Paused).entries().last().expect("it logs something").at_ms;
    let lengths_ms = PATTERNS.map(|(_, play)| ends_at_ms(play));
    assert!(
        lengths_ms.iter().all(|&ms| ms < 2000) && lengths_ms.iter().sum::<u64>() < 5000,
        "{lengths_ms:?}"
    );
}

#[test]
fn the_command_line_is_understood() {
    let wanted = |line: &str| understand(line.split_whitespace().map(str::to_owned));
    assert!(matches!(wanted(""), Ok(Wanted::List)));
    assert!(matches!(wanted("--all"), Ok(Wanted::All(Clock::Real))));
    assert!(matches!(wanted("--virtual"), Ok(Wanted::All(Clock::Paused))));
    for name in ["select", "select!", "SELECT", "--scene select"] {
        assert!(
            matches!(wanted(name), Ok(Wanted::One(pattern, Clock::Real)) if pattern.name == "select"),
            "{name}"
        );
    }
    assert!(matches!(wanted("JoinSet --virtual"), Ok(Wanted::One(pattern, _)) if pattern.name == "join-set"));
    assert!(matches!(wanted("wrong-tools"), Ok(Wanted::Checkout(..))));
    assert_eq!(wanted("jion").unwrap_err(), "there is no pattern `jion`; --list names all");
    assert_eq!(wanted("--vitual").unwrap_err(), "unexpected argument `--vitual`");
}

#[test]
fn the_program_prints_what_the_file_says() {
    let select = CATALOGUE.find("select").unwrap();
    let (listed, told) = (show::list(&CATALOGUE), show::judgement(&CATALOGUE, select));
    assert!(listed.contains("  select                    2  4  3  3  waits for the first"), "{listed}");
    assert!(told.contains("session.rs:") && told.contains("self.publishing.next()"), "{told}");
    assert!(told.contains("cargo run -p lesson-16"), "{told}");
    assert!(show::heading(select).lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn the_page_of_the_book_is_made_of_the_file() {
    assert_artifact(Path::new(env!("CARGO_MANIFEST_DIR")).join("page.txt"), &page(&CATALOGUE, &root()));
}
