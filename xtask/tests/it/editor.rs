//! The view of a learner in an editor: what it builds when it is opened, and what it does not show.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use xtask::{cargo, text};

const VIEW: &str = "course.code-workspace";
/// A quarter of the packages that the whole workspace has.
const PACKAGES_MAX: usize = 64;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// The settings of the view, which may have lines of comment.
fn settings() -> Value {
    let view = text::read(&root().join(VIEW)).unwrap();
    let lines = view.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut view: Value = serde_json::from_str(&lines.collect::<Vec<_>>().join("\n")).expect(VIEW);
    view["settings"].take()
}

#[test]
fn opening_the_view_builds_few_packages() {
    let settings = settings();
    // Else rust-analyzer checks every member at once when it has started.
    assert_eq!(settings["rust-analyzer.check.workspace"], json!(false));
    let command: Vec<String> =
        serde_json::from_value(settings["rust-analyzer.cargo.buildScripts.overrideCommand"].clone()).unwrap();
    // What follows is the number of packages that this command builds: of one package, without its tests.
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let ["cargo", "check", "--quiet", "--package", package, "--message-format=json"] = words[..] else {
        panic!("this test does not know what {command:?} builds");
    };
    let output = cargo::command(root())
        .args(["tree", "--locked", "--package", package, "--edges", "no-dev", "--prefix", "none"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let packages: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    assert!((2..=PACKAGES_MAX).contains(&packages.len()), "{} packages: {packages:#?}", packages.len());
}

#[test]
fn other_editors_are_given_the_same_settings() {
    let ours = settings();
    let theirs = text::read(&root().join("exercises/README.md")).unwrap();
    let theirs = theirs.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let expected = json!({
        "check": { "workspace": ours["rust-analyzer.check.workspace"] },
        "cargo": { "buildScripts": {
            "overrideCommand": ours["rust-analyzer.cargo.buildScripts.overrideCommand"]
        } },
    });
    assert_eq!(serde_json::from_str::<Value>(theirs).unwrap(), expected);
}

#[test]
fn solutions_are_shown_neither_in_the_explorer_nor_in_a_search() {
    let folder: Value =
        serde_json::from_str(&text::read(&root().join(".vscode/settings.json")).unwrap()).unwrap();
    let ignored = text::read(&root().join(".ignore")).unwrap();
    // Of the exercises, and of the project.
    for answers in ["exercises/*/*/answers", "exercises/*/answers"] {
        for settings in [settings(), folder.clone()] {
            assert_eq!(settings["files.exclude"][answers], json!(true));
        }
        assert!(ignored.lines().any(|line| line == format!("/{answers}/")), "{ignored}");
    }
}
