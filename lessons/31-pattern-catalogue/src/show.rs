//! What the program prints, as text of at most 100 columns.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalogue::{Capstone, Catalogue, Pattern};

/// What `--help` prints.
pub const USAGE: &str = "usage: cargo run -p lesson-31 [-- OPTIONS]
  NAME       play a pattern, such as select
  --all      play all patterns
  --virtual  play on the paused clock, without waiting
  --list     list the patterns with their ratings, as without options
  --trees    print the questions that lead to a pattern";

const WIDTH: usize = 100;

/// The root of the repository, where the lesson was built.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All patterns, with their ratings.
pub fn list(catalogue: &Catalogue) -> String {
    let mut out = String::from("Lesson 31: pattern catalogue\n");
    for family in &catalogue.families {
        let _ = write!(out, "\n{:<27} c  p  e  d\n", family.title);
        for pattern in catalogue.of(family) {
            let points = pattern.ratings().map(|rating| rating.0.to_string()).join("  ");
            let _ = writeln!(out, "  {:<25} {points}  {}", pattern.name, pattern.brief);
        }
    }
    let names: Vec<_> = catalogue.criteria.iter().map(|criterion| criterion.name.as_str()).collect();
    let _ = write!(out, "\n{}: from 1 to 5, and 5 is best\n", names.join(", "));
    out + "cargo run -p lesson-31 -- select plays one of them, --all plays all, --trees helps to choose"
}

/// The decision trees.
pub fn trees(catalogue: &Catalogue) -> String {
    let plain = |list: &str| list.replace(['[', ']', '`'], "");
    let trees: Vec<_> =
        catalogue.trees.iter().map(|tree| format!("{}\n\n{}", tree.title, plain(&tree.list))).collect();
    trees.join("\n")
}

/// What is said before a pattern is played.
pub fn heading(pattern: &Pattern) -> String {
    let mut out = format!("{}: {}\n\n", pattern.title, pattern.brief);
    for (label, text) in [
        ("for", &pattern.purpose),
        ("not for", &pattern.avoid),
        ("the rest", &pattern.rest),
        ("shown by", &pattern.shown),
    ] {
        paragraph(&mut out, label, text);
    }
    out
}

/// What is said afterwards: the ratings, the lesson, the capstone.
pub fn judgement(catalogue: &Catalogue, pattern: &Pattern) -> String {
    let mut out = String::new();
    for (criterion, rating) in catalogue.criteria.iter().zip(pattern.ratings()) {
        paragraph(&mut out, &criterion.name, &format!("{}  {}", rating.0, rating.1));
    }
    let lesson = pattern.lesson;
    paragraph(&mut out, "lesson", &format!("{lesson}: cargo run -p lesson-{lesson}"));
    if let Some((place, line)) = located(&root(), &pattern.capstone) {
        let _ = writeln!(out, "  {:<14} {place}\n{:<16} {line}", "capstone", "");
        paragraph(&mut out, "", &pattern.capstone.why);
    } else {
        paragraph(&mut out, "capstone", &pattern.capstone.why);
    }
    out
}

/// `file:line` and the line, as it stands there now.
pub fn located(root: &Path, capstone: &Capstone) -> Option<(String, String)> {
    let (file, wanted) = (capstone.file.as_ref()?, capstone.line.as_ref()?);
    let text = fs::read_to_string(root.join(file)).ok()?;
    let (at, line) = text.lines().enumerate().find(|(_, line)| line.contains(wanted))?;
    Some((format!("{file}:{}", at + 1), line.trim().to_owned()))
}

/// A label, and beside it the text, wrapped. Backticks are for the book.
fn paragraph(out: &mut String, label: &str, text: &str) {
    let mut line = format!("  {label:<14}");
    for word in text.replace('`', "").split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = " ".repeat(16);
        }
        line = line + " " + word;
    }
    let _ = writeln!(out, "{line}");
}
