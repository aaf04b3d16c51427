//! What is said about an exercise and about a check of it, on the command line and by `watch`. Lines of any length, for the
//! reader to wrap; prints nothing.

use std::path::{Path, PathBuf};

use crate::answer::Kind;
use crate::course::Exercise;
use crate::learn::check::Checked;
use crate::learn::{Study, proofs};
use crate::paint::Paint;
use crate::text;

/// The name of the learner's file, as compilers and panics end it.
const FILE: &str = "src/exercise.rs:";
/// How the part of an exercise that is given says so. It stands below what is to be changed.
const GIVEN: &str = "Do not change";
/// What a starter says where something is missing. Split, so that the rules do not find it here.
const MARK: &str = concat!("TO", "DO");
/// How many wrong answers a success names.
const NOTICED: usize = 3;

/// `11.1 A slow consumer slows its producer down  5 min  ●○○`
pub(super) fn title(paint: Paint, exercise: &Exercise) -> String {
    let title = paint.bold(format!("{} {}", exercise.id, exercise.title));
    format!("{title}  {}", paint.dim(facts(exercise)))
}

/// `5 min  ●○○`
pub(super) fn facts(exercise: &Exercise) -> String {
    let stars = "●".repeat(exercise.difficulty.into()) + &"○".repeat((3 - exercise.difficulty).into());
    format!("{} min  {stars}", exercise.minutes)
}

/// The learner's file with the line to look at, which a terminal opens.
pub(super) fn place(study: &Study, exercise: &Exercise, checked: Option<&Checked>) -> String {
    let shown = exercise.folder.join("src/exercise.rs");
    let line = line(study, exercise, checked);
    study.paint.link(format!("{}:{line}", shown.display()), &absolute(&exercise.learner_file(&study.root)))
}

/// A link needs the whole path, wherever we were started.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Where the compiler or a panic points at, rather above what is given, else what is marked in the file, else where the learner has
/// begun.
fn line(study: &Study, exercise: &Exercise, checked: Option<&Checked>) -> usize {
    let said = match checked {
        Some(Checked::DoesNotCompile(said) | Checked::Failed { story: said, .. }) => said,
        _ => "",
    };
    let number = |behind: &str| behind.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok();
    let mine = text::read(&exercise.learner_file(&study.root)).unwrap_or_default();
    let given = mine.lines().position(|line| line.contains(GIVEN)).unwrap_or(usize::MAX);
    let pointed: Vec<usize> = said.split(FILE).skip(1).filter_map(number).collect();
    if let Some(line) = pointed.iter().find(|line| **line <= given).or(pointed.first()) {
        return *line;
    }
    let marked = mine.lines().position(|line| line.contains(MARK));
    let begun = || text::starts_alike(&study.starter(exercise).unwrap_or_default(), &mine);
    let lines = mine.lines().count().max(1);
    (marked.unwrap_or_else(begun) + 1).min(lines)
}

/// The task, a paragraph a line, without what a learner who reads it here knows: its title and which file to edit.
pub(super) fn task(study: &Study, exercise: &Exercise) -> Vec<String> {
    let readme = text::read(&study.root.join(&exercise.folder).join("README.md")).unwrap_or_default();
    let readme = readme.split("\n**Edit**").next().unwrap_or_default();
    let (mut lines, mut is_code) = (Vec::<String>::new(), false);
    for line in readme.lines().filter(|line| !line.starts_with('#')) {
        is_code ^= line.starts_with("```");
        let begins = is_code || line.is_empty() || line.starts_with("- ") || line.starts_with("```");
        match lines.last_mut().filter(|last| !begins && !last.is_empty() && !last.starts_with("```")) {
            Some(last) => *last += &format!(" {}", line.trim()),
            None => lines.push(line.to_owned()),
        }
    }
    let first = lines.iter().take_while(|line| line.is_empty()).count();
    let bold = |line: &String| {
        let part = |(number, part): (usize, &str)| {
            if number % 2 == 1 { study.paint.bold(part) } else { part.to_owned() }
        };
        line.split("**").enumerate().map(part).collect::<String>()
    };
    let mut lines: Vec<String> = lines[first..].iter().map(bold).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// What the tests printed: the name of each as a heading, and the first difference where the eye falls.
pub(super) fn story(paint: Paint, story: &str) -> Vec<String> {
    let mut lines: Vec<String> = story.lines().flat_map(|line| retold(paint, line)).collect();
    let leading = lines.iter().take_while(|line| line.is_empty()).count();
    lines.split_off(leading)
}

fn retold(paint: Paint, line: &str) -> Vec<String> {
    if let Some((name, result)) = line.strip_prefix("test spec::").and_then(|rest| rest.split_once(" ...")) {
        let mut lines = vec![String::new(), paint.bold(name.replace('_', " "))];
        lines.extend(retold(paint, result.trim()).into_iter().filter(|line| !line.is_empty()));
        return lines;
    }
    if line.starts_with("running ") && (line.ends_with(" test") || line.ends_with(" tests")) {
        return Vec::new();
    }
    let panic = line.strip_prefix("thread '").and_then(|rest| rest.split_once("panicked at "));
    vec![match (line, panic) {
        (_, Some((_, place))) => paint.dim(format!("panicked at {}", place.replace("tests/../", ""))),
        ("ok", _) => paint.green(line),
        ("FAILED", _) => paint.red(line),
        _ if line.starts_with(" ==>") || line.starts_with("First difference:") => paint.red(line),
        _ if line.starts_with("  ! ") => paint.yellow(line),
        _ => line.to_owned(),
    }]
}

/// After a success: which answers look right too and are not, and how many others are. They are proved by `verify`.
pub(super) fn notice(study: &Study, exercise: &Exercise, see: &str) -> Vec<String> {
    let answers = proofs::answers(study, exercise).unwrap_or_default();
    let (wrong, right): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.kind == Kind::Plausible);
    let mut lines = Vec::new();
    if !wrong.is_empty() {
        lines.push(study.paint.bold("Notice what these tests would not have let pass:"));
        lines.extend(wrong.iter().take(NOTICED).map(|answer| format!("- {}", answer.reason)));
    }
    lines.push(match right.len() {
        0 => format!("Compare yours with the solution: {see}"),
        1 => format!("Compare yours with the solution and another right answer: {see}"),
        count => format!("Compare yours with the solution and {count} other right answers: {see}"),
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::{STARTER, study};

    #[test]
    fn the_line_to_look_at() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        let line = |checked: Option<&Checked>| line(&study, exercise, checked);
        let rustc = "error[E0425]\n  --> exercises/11-s/1-n/src/exercise.rs:2:5\n".to_owned();
        assert_eq!(line(Some(&Checked::DoesNotCompile(rustc))), 2);
        let panic = "panicked at exercises/11-s/1-n/src/exercise.rs:3:9:\nno".to_owned();
        assert_eq!(line(Some(&Checked::Failed { story: panic, reason: String::new() })), 3);
        assert_eq!(line(None), 4, "the last line, of a file that is as it was");
        let mine = exercise.learner_file(root.path());
        let both = "panicked at src/exercise.rs:3:1:\nx\npanicked at src/exercise.rs:2:1:\ny".to_owned();
        let both = Checked::Failed { story: both, reason: String::new() };
        assert_eq!(line(Some(&both)), 3, "the first");
        text::write(&mine, &STARTER.replace("{\n", "{\n    // Do not change it.\n")).unwrap();
        assert_eq!(line(Some(&both)), 2, "rather above what is given");
        text::write(&mine, &STARTER.replace("    0", "    7")).unwrap();
        assert_eq!(line(None), 3, "where it differs from the starter");
        text::write(&mine, &STARTER.replace("{\n", &format!("{{\n    // {MARK}: this\n"))).unwrap();
        assert_eq!(line(None), 3, "what is marked");
        assert_eq!(place(&study, exercise, None), "exercises/11-s/1-n/src/exercise.rs:3");
    }

    #[test]
    fn a_task_is_a_line_for_each_paragraph() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        let readme = "### 11.1 Title\n\n**One**\nand the same.\n\n- a\n  b\n- c\n\n```text\nx\ny\n```\n\n**Edit** `x`, then run.\n";
        text::write(&root.path().join(&exercise.folder).join("README.md"), readme).unwrap();
        let expected = ["One and the same.", "", "- a b", "- c", "", "```text", "x", "y", "```"];
        assert_eq!(task(&study, exercise), expected);
    }

    #[test]
    fn the_first_difference_is_coloured() {
        let said = "     expected | what\n ==>  1 ms | --\n  !   -- | 2 ms\n      3 ms | 3 ms";
        let painted = story(Paint::Ansi, said);
        assert!(painted[1].starts_with("\x1b[31m ==>") && painted[2].starts_with("\x1b[33m  !"));
        assert_eq!(story(Paint::Plain, said).join("\n"), said);
        let tests = "running 2 tests\ntest spec::a_b ... ok\ntest spec::c ... \nprinted\nFAILED";
        assert_eq!(story(Paint::Plain, tests), ["a b", "ok", "", "c", "printed", "FAILED"]);
        let panic = "thread 'spec::c' (7) panicked at exercises/a/tests/../spec.rs:3:5:";
        assert_eq!(story(Paint::Plain, panic), ["panicked at exercises/a/spec.rs:3:5:"]);
    }

    #[test]
    fn a_success_names_what_would_have_failed() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        assert_eq!(notice(&study, exercise, "s"), ["Compare yours with the solution: s"]);
        for (kind, name, text) in [
            (Kind::Plausible, "guesses", "//! Guesses.\n//~ fails with: left\n    7\n"),
            (Kind::Alternative, "adds", "//! Adds.\n    0 + 1\n"),
        ] {
            text::write(&kind.file(&root.path().join(&exercise.folder), name), text).unwrap();
        }
        let expected = [
            "Notice what these tests would not have let pass:",
            "- Guesses.",
            "Compare yours with the solution and another right answer: s",
        ];
        assert_eq!(notice(&study, exercise, "s"), expected);
    }
}
