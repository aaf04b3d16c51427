//! `cargo x learn`: the way through the exercises. Each command is a file; what they share is [`Study`].
//!
//! Works offline and on Windows: files and processes only, no shell, no links.

mod hint;
mod list;
mod reset;
mod run;
mod trial;
mod verify;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::course::{Course, Exercise};
use crate::paint::Paint;
use crate::progress::{Progress, SpecHash, State};
use crate::{carve, text};

pub use hint::hint;
pub use list::list;
pub use reset::reset;
pub use run::run;
pub use verify::{Strictness, Verdict, verify};

/// The course, and how far the learner is.
#[derive(Debug)]
pub struct Study {
    pub root: PathBuf,
    pub course: Course,
    pub progress: Progress,
    pub paint: Paint,
}

impl Study {
    pub fn open(root: &Path, paint: Paint) -> Result<Study> {
        let (course, progress) = (Course::load(root)?, Progress::load(root)?);
        Ok(Study { root: root.to_owned(), course, progress, paint })
    }

    /// `11.2`; `11` is its first unsolved exercise; nothing at all is the next one of the course.
    pub fn pick(&self, id: Option<&str>) -> Result<&Exercise> {
        let Some(id) = id else {
            return self
                .next()
                .or(self.course.exercises().last())
                .ok_or_else(|| anyhow!("there are no exercises yet"));
        };
        let Ok(number) = id.parse::<u32>() else { return self.course.exercise(id.parse()?) };
        let lesson = self.course.lessons.iter().find(|lesson| lesson.number == number);
        let exercises = &lesson.with_context(|| format!("there is no lesson {number}"))?.exercises;
        let first = exercises.iter().find(|exercise| self.state(exercise) != State::Solved);
        first.or(exercises.first()).with_context(|| format!("lesson {number} has no exercises"))
    }

    /// The first exercise that was never solved, else the first whose tests have changed since.
    pub fn next(&self) -> Option<&Exercise> {
        let first = |wanted| self.course.exercises().find(|exercise| self.state(exercise) == wanted);
        first(State::Open).or_else(|| first(State::VerifyAgain))
    }

    /// The first behind this one that was never solved, else [`next`](Self::next): whoever begins in the middle goes on there.
    pub fn next_behind(&self, solved: &Exercise) -> Option<&Exercise> {
        let mut behind = self.course.exercises().skip_while(|exercise| exercise.id != solved.id);
        behind.find(|exercise| self.state(exercise) == State::Open).or_else(|| self.next())
    }

    pub fn state(&self, exercise: &Exercise) -> State {
        // Without its tests an exercise cannot be solved; `verify` says what is missing.
        let spec = text::read(&exercise.spec_file(&self.root)).unwrap_or_default();
        self.progress.state(exercise.id, SpecHash::of(&spec))
    }

    /// The file that the learner begins with. Errors name file and line.
    pub fn starter(&self, exercise: &Exercise) -> Result<String> {
        let solution = text::read(&exercise.solution_file(&self.root))?;
        let shown = exercise.folder.join("src/solution.rs");
        carve::carve(&solution).map_err(|malformed| anyhow!("{}:{malformed}", shown.display()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const SOLUTION: &str =
        "//! A.\npub fn a() -> u32 {\n    //~ begin\n    1\n    //~ starter\n    //~| 0\n    //~ end\n}\n";
    pub(crate) const STARTER: &str = "//! A.\npub fn a() -> u32 {\n    0\n}\n";

    /// A course of two lessons with one exercise and two, all unsolved.
    pub(crate) fn study(root: &Path) -> Study {
        let mut toml = String::new();
        for (lesson, exercises) in [(10, 1..=1), (11, 1..=2)] {
            toml += &format!("[[lesson]]\nnumber = {lesson}\nslug = \"s\"\ntitle = \"Lesson {lesson}\"\n");
            for number in exercises {
                toml += &format!(
                    "[[lesson.exercise]]\nnumber = {number}\nname = \"n\"\ntitle = \"Title {lesson}.{number}\"\n\
                     minutes = 10\ndifficulty = 2\nfails_with = \"left\"\nhints = [\"one\", \"two\", \"three\"]\n"
                );
                let folder = root.join(format!("exercises/{lesson}-s/{number}-n"));
                text::write(&folder.join("src/solution.rs"), SOLUTION).unwrap();
                text::write(&folder.join("src/exercise.rs"), STARTER).unwrap();
                text::write(&folder.join("spec.rs"), "//! Tests.\n").unwrap();
                text::write(&folder.join("README.md"), "# Task\n").unwrap();
            }
        }
        text::write(&root.join(crate::course::FILE), &toml).unwrap();
        Study::open(root, Paint::Plain).unwrap()
    }

    pub(crate) fn solve(study: &mut Study, id: &str) {
        study.progress.solved(id.parse().unwrap(), SpecHash::of("//! Tests.\n"));
    }

    #[test]
    fn what_is_picked() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let picked = |study: &Study, id| study.pick(id).map(|exercise| exercise.id.to_string());
        assert_eq!(picked(&study, None).unwrap(), "10.1");
        assert_eq!(picked(&study, Some("11.2")).unwrap(), "11.2");
        assert_eq!(picked(&study, Some("11")).unwrap(), "11.1");
        solve(&mut study, "11.1");
        assert_eq!(picked(&study, Some("11")).unwrap(), "11.2");
        assert!(picked(&study, Some("12")).unwrap_err().to_string().contains("no lesson 12"));
        assert!(picked(&study, Some("11.9")).unwrap_err().to_string().contains("no exercise 11.9"));
        assert!(picked(&study, Some("eleven")).unwrap_err().to_string().contains("as in 11.2"));
    }

    #[test]
    fn changed_tests_come_after_what_was_never_solved() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        study.progress.solved("10.1".parse().unwrap(), SpecHash::of("older tests"));
        assert_eq!(study.next().unwrap().id.to_string(), "11.1");
        solve(&mut study, "11.1");
        solve(&mut study, "11.2");
        assert_eq!(study.next().unwrap().id.to_string(), "10.1");
        solve(&mut study, "10.1");
        assert_eq!(study.next(), None);
    }
}
