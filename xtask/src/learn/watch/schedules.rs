//! What the key x shows: what many schedules say about the exercise or about its lesson. Runs nothing.

use anyhow::Result;

use crate::course::Exercise;
use crate::learn::check::Checked;
use crate::learn::{Study, report};
use crate::paint::Paint;
use crate::{schedule, text};

/// How a test of many schedules begins to run them, `assert_holds` or `assert_holds_in`.
const CALL: &str = "\n    assert_holds";

/// What is run in many schedules.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The learner's file, by the test of this name.
    Test(String),
    /// The claims of this lesson.
    Lesson(u32),
}

/// The error says that there is nothing to run, and which lessons have it.
pub(super) fn subject(study: &Study, exercise: &Exercise) -> Result<Subject> {
    let spec = text::read(&exercise.spec_file(&study.root)).unwrap_or_default();
    if let Some(name) = test(&spec) {
        return Ok(Subject::Test(name.to_owned()));
    }
    let lesson = exercise.id.lesson;
    schedule::check(&study.root, lesson).map(|()| Subject::Lesson(lesson))
}

/// The test that runs many schedules.
fn test(spec: &str) -> Option<&str> {
    let (before, _) = spec.split_once(CALL)?;
    let (_, name) = before.rsplit_once("\nfn ")?;
    name.split_once('(').map(|(name, _)| name)
}

/// What the last check showed of it.
pub(super) fn of_test(paint: Paint, name: &str, latest: Option<&Checked>) -> String {
    let said = match latest {
        Some(Checked::Passed { .. }) => {
            format!("{}\n{}", paint.bold(name.replace('_', " ")), paint.green("✔ none breaks it"))
        }
        Some(Checked::Failed { story, .. }) => section(story, name).map_or_else(
            || "It has not come so far: a test before this one hangs.".to_owned(),
            |section| report::story(paint, section).join("\n"),
        ),
        Some(Checked::DoesNotCompile(_)) => "It does not compile yet.".to_owned(),
        Some(Checked::NotBuilt { .. } | Checked::Stopped) | None => "It has not been checked yet.".to_owned(),
    };
    format!("Your file in many schedules, which one of the tests runs:\n\n{said}")
}

/// What was printed about this test.
fn section<'a>(story: &'a str, name: &str) -> Option<&'a str> {
    let begin = story.find(&format!("test spec::{name} ..."))?;
    let end = story[begin..].find("\ntest spec::").map_or(story.len(), |length| begin + length);
    Some(&story[begin..end])
}

/// What the lesson has printed, with verdicts and sentences where the eye falls.
pub(super) fn of_lesson(paint: Paint, lesson: u32, said: &str) -> String {
    let painted = said.trim_end().lines().map(|line| match line.chars().next() {
        Some('✔') => paint.green(line),
        Some('✘') => paint.red(line),
        _ if line.starts_with("Claim: ") => paint.bold(line),
        _ => line.to_owned(),
    });
    format!("The code of lesson {lesson} in many schedules:\n\n{}", painted.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::learn::tests::study;
    use crate::learn::watch::event::{Event, Key};
    use crate::learn::watch::tests::{Desk, failed, passed};

    const SPEC: &str = "use shared::schedule::assert_holds_in;\n\n#[test]\nfn it_adds() {}\n\n#[test]\n\
        fn no_schedule_loses_one() {\n    let story = 1;\n    assert_holds_in(1000, story);\n}\n";
    const STORY: &str = "test spec::it_adds ... ok\ntest spec::no_schedule_loses_one ...\n\
        thread 'x' panicked at spec.rs:9:5:\n2 of 6 schedules go wrong\nFAILED\ntest spec::z ... ok\n";

    /// A desk in a course whose lesson 11 has claims.
    fn desk(root: &Path, id: &str) -> Desk {
        let study = study(root);
        text::write(&root.join("lessons/11-s/src/schedule.rs"), "//! Claims.\n").unwrap();
        let mut desk = Desk::resume(study, id);
        desk.ends(id, failed("left"));
        desk.ordered();
        desk
    }

    #[test]
    fn a_lesson_is_run_and_what_it_says_is_scrolled() {
        let root = tempfile::tempdir().unwrap();
        let mut desk = desk(root.path(), "11.1");
        desk.shows("x schedules");
        desk.press("xx");
        assert_eq!(desk.ordered(), ["explore 11"]);
        desk.on(Event::Seconds(3));
        desk.shows("compiling … 3 s");
        desk.on(Event::Testing);
        desk.shows("testing … 3 s");
        let wide = format!("Claim: {}", "a long sentence ".repeat(8));
        let picture = "ms  0\n    ╷\na   1\n".repeat(20);
        desk.on(Event::Explored(format!("{wide}\n\n✔ holds\n{picture}the end")));
        assert!(desk.ordered().is_empty(), "once");
        desk.shows("Claim: a long sentence");
        assert!(!desk.screen(60, 30).contains("the end"));
        desk.on(Event::Key(Key::End));
        desk.shows("a   1\nthe end");
        desk.press("q");
        desk.shows("✘ 1 of 2 tests failed");
        assert!(desk.ordered().is_empty(), "q leaves the page only");
    }

    #[test]
    fn a_lesson_without_claims_names_those_that_have() {
        let root = tempfile::tempdir().unwrap();
        let mut desk = desk(root.path(), "10.1");
        assert!(!desk.screen(200, 30).contains("x schedules"));
        desk.press("x");
        desk.shows("lesson 10 is not tried in many schedules; the lessons that");
        assert!(desk.ordered().is_empty());
    }

    #[test]
    fn who_saves_or_leaves_waits_for_no_schedules() {
        let root = tempfile::tempdir().unwrap();
        let mut desk = desk(root.path(), "11.1");
        desk.press("x");
        desk.saves("11.1", "//! Mine.\n");
        assert_eq!(desk.ordered(), ["explore 11", "stop"]);
        desk.on(Event::Explored("half".to_owned()));
        assert_eq!(desk.ordered(), ["check 11.1"]);
        desk.press("xq");
        desk.ends("11.1", failed("left"));
        assert!(desk.ordered().is_empty(), "nobody waits for it any more");
        desk.press("xqx");
        desk.on(Event::Explored("half".to_owned()));
        assert_eq!(desk.ordered(), ["explore 11", "stop", "explore 11"]);
        assert!(!desk.screen(60, 30).contains("half"));
        desk.on(Event::Explored("all of it".to_owned()));
        desk.shows("all of it");
    }

    #[test]
    fn a_check_ends_before_a_lesson_is_run() {
        let root = tempfile::tempdir().unwrap();
        let mut desk = desk(root.path(), "11.1");
        desk.saves("11.1", "//! Mine.\n");
        desk.press("x");
        assert_eq!(desk.ordered(), ["check 11.1"]);
        desk.ends("11.1", passed());
        assert_eq!(desk.ordered(), ["explore 11"]);
    }

    #[test]
    fn an_exercise_with_such_a_test_shows_what_it_said() {
        let root = tempfile::tempdir().unwrap();
        let mut desk = desk(root.path(), "10.1");
        text::write(&desk.exercise("10.1").spec_file(root.path()), SPEC).unwrap();
        desk.press("x");
        desk.shows("It has not come so far: a test before this one hangs.");
        desk.press("q");
        desk.saves("10.1", "//! Mine.\n");
        desk.ends("10.1", failed(STORY));
        desk.press("x");
        desk.shows("no schedule loses one\npanicked at spec.rs:9:5:\n2 of 6 schedules go wrong\nFAILED\n");
        assert!(!desk.screen(60, 30).contains("it adds"));
        desk.saves("10.1", "//! Right.\n");
        desk.ends("10.1", passed());
        desk.press("x");
        desk.shows("no schedule loses one\n✔ none breaks it");
        assert_eq!(desk.ordered(), ["check 10.1", "check 10.1"]);
    }
}
