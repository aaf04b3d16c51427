//! A new lesson in a temporary repository: it has all its files, and the rules find nothing but what is to be filled in.

use std::collections::BTreeSet;
use std::path::Path;

use xtask::course::Course;
use xtask::learn::Study;
use xtask::new_lesson::{FILL_IN, Names, new_lesson};
use xtask::paint::Paint;
use xtask::rules::RULES;
use xtask::text;
use xtask::tree::Tree;

const SHARED: &str = "[package]\nname = \"shared\"\n[dependencies]\ntokio.workspace = true\n";

fn lay_out(root: &Path) -> String {
    text::write(&root.join("exercises/course.toml"), "").unwrap();
    text::write(&root.join("book/src/SUMMARY.md"), "# Summary\n").unwrap();
    text::write(&root.join("shared/Cargo.toml"), SHARED).unwrap();
    let names = Names { number: 12, slug: "channel-kinds".to_owned(), title: "Channel kinds".to_owned() };
    new_lesson(root, &names).unwrap()
}

#[test]
fn every_file_is_there_and_every_name_is_filled_in() {
    let root = tempfile::tempdir().unwrap();
    let said = lay_out(root.path());
    assert!(said.contains(FILL_IN) && said.contains("BLESS=1 cargo test -p lesson-12"), "{said}");
    let tree = Tree::read(root.path()).unwrap();
    let mut expected = BTreeSet::from(
        [
            "book/src/12-channel-kinds.md",
            "book/src/SUMMARY.md",
            "book/src/snippets/next/12-channel-kinds.txt",
            "book/src/snippets/predict/12-channel-kinds.txt",
            "exercises/course.toml",
            "shared/Cargo.toml",
        ]
        .map(str::to_owned),
    );
    for file in [
        "Cargo.toml",
        "src/lib.rs",
        "src/wrong.rs",
        "src/story.rs",
        "src/main.rs",
        "tests/lesson.rs",
        "timeline.txt",
    ] {
        expected.insert(format!("lessons/12-channel-kinds/{file}"));
    }
    for file in [
        "Cargo.toml",
        "README.md",
        "spec.rs",
        "src/exercise.rs",
        "src/lib.rs",
        "tests/learner.rs",
        "answers/solution.rs",
        "answers/plausible/first_only.rs",
        "answers/plausible/swapped.rs",
        "answers/alternatives/made_first.rs",
    ] {
        expected.insert(format!("exercises/12-channel-kinds/1-first/{file}"));
        expected.insert(format!("exercises/12-channel-kinds/2-second/{file}"));
    }
    assert_eq!(tree.texts().map(|(path, _)| path.to_owned()).collect::<BTreeSet<_>>(), expected);
    for (path, text) in tree.texts() {
        let left = ["number", "stem", "slug", "title", "exercise", "name"];
        assert!(left.iter().all(|name| !text.contains(&format!("{{{{{name}}}}}"))), "{path}:\n{text}");
    }
}

#[test]
fn every_target_that_a_manifest_names_exists() {
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path());
    let tree = Tree::read(root.path()).unwrap();
    for (path, text) in tree.matching("", "/Cargo.toml") {
        let folder = path.trim_end_matches("Cargo.toml");
        for target in text.lines().filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"')) {
            assert!(tree.has_file(&format!("{folder}{target}")), "{path} names {target}");
        }
    }
}

#[test]
fn the_rules_see_one_stem_and_what_is_left_to_do() {
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path());
    let tree = Tree::read(root.path()).unwrap();
    for (name, check) in RULES {
        let problems: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        match name {
            "nothing is left unfinished" => assert!(problems.iter().all(|problem| problem.contains(FILL_IN))),
            // The drawings are written with the timelines, when the lesson is blessed.
            "links and images resolve" => {
                assert!(problems.iter().all(|problem| problem.contains("img/12-channel-kinds/")))
            }
            _ => assert_eq!(problems, Vec::<String>::new(), "{name}"),
        }
    }
}

#[test]
fn the_exercises_are_data_that_the_runner_reads() {
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path());
    let course = Course::load(root.path()).unwrap();
    assert_eq!(course.lessons[0].stem, "12-channel-kinds");
    let study = Study::open(root.path(), Paint::Plain).unwrap();
    for id in ["12.1", "12.2"] {
        let exercise = study.pick(Some(id)).unwrap();
        assert_eq!(
            text::read(&exercise.learner_file(root.path())).unwrap(),
            study.starter(exercise).unwrap()
        );
    }
}
