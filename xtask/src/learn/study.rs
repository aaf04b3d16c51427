//! [`Study`]: the course and the project, and how far the learner is in them. What the commands share.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::carve::Carved;
use crate::course::{Course, Exercise, ExerciseId, Lesson};
use crate::learn::check::{Checked, Seen};
use crate::learn::standing::Standing;
use crate::paint::Paint;
use crate::progress::{ContentHash, Progress, State};
use crate::project::{self, Milestone, Project};
use crate::text;

/// The course, and how far the learner is.
#[derive(Debug)]
pub struct Study {
    pub root: PathBuf,
    pub course: Course,
    pub project: Project,
    pub progress: Progress,
    pub paint: Paint,
}

impl Study {
    pub fn open(root: &Path, paint: Paint) -> Result<Study> {
        let (course, project) = (Course::load(root)?, Project::load(root)?);
        Ok(Study { root: root.to_owned(), course, project, progress: Progress::load(root)?, paint })
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
        let exercises = &self.lesson(number)?.exercises;
        let first = exercises.iter().find(|exercise| self.state(exercise) != State::Solved);
        first.or(exercises.first()).with_context(|| format!("lesson {number} has no exercises"))
    }

    /// What these name: `11.2`, `11` for all of a lesson, `project.2`, `project` for all milestones.
    pub fn pick_all(&self, ids: &[String]) -> Result<Vec<ExerciseId>> {
        let mut picked = Vec::new();
        for id in ids {
            if id == "project" {
                picked.extend(self.project.milestones.iter().map(|milestone| milestone.id));
            } else if let Ok(number) = id.parse::<u32>() {
                picked.extend(self.lesson(number)?.exercises.iter().map(|exercise| exercise.id));
            } else {
                let id: ExerciseId = id.parse()?;
                let known = if id.is_milestone() {
                    self.project.milestone(id)?.id
                } else {
                    self.course.exercise(id)?.id
                };
                picked.push(known);
            }
        }
        Ok(picked)
    }

    /// `project.2`; `None` for what does not name a milestone.
    pub fn pick_milestone(&self, id: Option<&str>) -> Result<Option<&Milestone>> {
        match id {
            Some("project") => self
                .next_milestone()
                .or(self.project.milestones.last())
                .map(Some)
                .context("there is no project"),
            Some(id) => match id.parse::<ExerciseId>() {
                Ok(id) if id.is_milestone() => self.project.milestone(id).map(Some),
                _ => Ok(None),
            },
            None => Ok(None),
        }
    }

    /// The first milestone that was never reached.
    pub fn next_milestone(&self) -> Option<&Milestone> {
        self.project.milestones.iter().find(|milestone| self.milestone_state(milestone) == State::Open)
    }

    /// A milestone stays reached while the learner works on the next one; that the code has changed since is only mentioned.
    pub fn milestone_state(&self, milestone: &Milestone) -> State {
        let hash = |hash: Result<ContentHash>| hash.unwrap_or(ContentHash::of(""));
        let (tests, mine) = (milestone.tests(&self.root), project::learner_content(&self.root));
        self.progress.state(milestone.id, hash(tests), hash(mine))
    }

    fn lesson(&self, number: u32) -> Result<&Lesson> {
        let lesson = self.course.lessons.iter().find(|lesson| lesson.number == number);
        lesson.with_context(|| format!("there is no lesson {number}"))
    }

    /// The first exercise that was never solved, else the first that changed since.
    pub fn next(&self) -> Option<&Exercise> {
        let next = self.standing().next()?;
        self.course.exercises().find(|exercise| exercise.id == next)
    }

    /// How far the learner is with each exercise. Reads all their files.
    pub(super) fn standing(&self) -> Standing {
        Standing::of(self.course.exercises().map(|exercise| (exercise.id, self.state(exercise))))
    }

    /// The first behind this one that was never solved, else [`next`](Self::next): a learner who began in the middle goes on
    /// there.
    pub fn next_behind(&self, solved: &Exercise) -> Option<&Exercise> {
        let mut behind = self.course.exercises().skip_while(|exercise| exercise.id != solved.id);
        behind.find(|exercise| self.state(exercise) == State::Open).or_else(|| self.next())
    }

    /// The starter is always open: it may have come back by `git checkout`.
    pub fn state(&self, exercise: &Exercise) -> State {
        // Without its files an exercise cannot be solved; `verify` says what is missing.
        let [spec, file] = [exercise.spec_file(&self.root), exercise.learner_file(&self.root)]
            .map(|path| text::read(&path).unwrap_or_default());
        match self.progress.state(exercise.id, ContentHash::of(&spec), ContentHash::of(&file)) {
            State::Open => State::Open,
            _ if self.starter(exercise).is_ok_and(|starter| starter == file) => State::Open,
            state => state,
        }
    }

    /// What `watch` begins with: as [`pick`](Self::pick), and without an id the one that was begun and saved last.
    pub(super) fn where_left_off(&self, id: Option<&str>) -> Result<&Exercise> {
        match (id, self.begun().first()) {
            (None, Some(begun)) => Ok(begun),
            _ => self.pick(id),
        }
    }

    /// Those that the learner has begun and not solved, the one that was saved last first.
    pub(super) fn begun(&self) -> Vec<&Exercise> {
        let is_begun = |exercise: &&Exercise| {
            let mine = text::read(&exercise.learner_file(&self.root)).ok();
            let starter = self.starter(exercise).ok();
            mine.is_some() && starter.is_some() && mine != starter && self.state(exercise) == State::Open
        };
        let saved = |exercise: &&Exercise| {
            Reverse(exercise.learner_file(&self.root).metadata().and_then(|data| data.modified()).ok())
        };
        let mut begun: Vec<&Exercise> = self.course.exercises().filter(is_begun).collect();
        begun.sort_by_key(saved);
        begun
    }

    /// Those whose state only a check can tell: what was solved and has changed, and what was begun, because `cargo test` may have
    /// passed since.
    pub(super) fn unchecked(&self) -> Vec<&Exercise> {
        let changed =
            |exercise: &&Exercise| matches!(self.state(exercise), State::TestsChanged | State::FileChanged);
        self.begun().into_iter().chain(self.course.exercises().filter(changed)).collect()
    }

    /// Records what a check showed of the files that it has seen. An exercise that fails is open again, whatever it was: then this is
    /// true.
    pub(super) fn settle(&mut self, exercise: &Exercise, seen: Seen, checked: &Checked) -> Result<bool> {
        match checked {
            Checked::Passed { .. } => {
                self.record(|progress| progress.solved(exercise.id, seen.spec, seen.mine))?;
                Ok(false)
            }
            Checked::Failed { .. } | Checked::DoesNotCompile(_) if self.progress.is_solved(exercise.id) => {
                self.record(|progress| progress.reopen(exercise.id))?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Changes the progress, in the file as well.
    pub fn record<T>(&mut self, change: impl FnOnce(&mut Progress) -> T) -> Result<T> {
        let (progress, result) = Progress::update(&self.root, change)?;
        self.progress = progress;
        Ok(result)
    }

    /// The file that the learner begins with. Errors name file and line.
    pub fn starter(&self, exercise: &Exercise) -> Result<String> {
        Ok(self.carved(exercise)?.starter())
    }

    /// The source of all versions. Errors name file and line.
    pub fn carved(&self, exercise: &Exercise) -> Result<Carved> {
        let solution = text::read(&exercise.solution_file(&self.root))?;
        let shown = exercise.folder.join("answers/solution.rs");
        Carved::parse(&solution).map_err(|malformed| anyhow!("{}:{malformed}", shown.display()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

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
                text::write(&folder.join("answers/solution.rs"), SOLUTION).unwrap();
                text::write(&folder.join("src/exercise.rs"), STARTER).unwrap();
                text::write(&folder.join("spec.rs"), "//! Tests.\n").unwrap();
                text::write(&folder.join("README.md"), "# Task\n").unwrap();
            }
        }
        text::write(&root.join(crate::course::FILE), &toml).unwrap();
        Study::open(root, Paint::Plain).unwrap()
    }

    /// As if the learner had written this, and it had passed.
    pub(crate) fn solve(study: &mut Study, id: &str) {
        let exercise = study.pick(Some(id)).unwrap().clone();
        let mine = STARTER.replace('0', "1");
        text::write(&exercise.learner_file(&study.root), &mine).unwrap();
        study.progress.solved(exercise.id, ContentHash::of("//! Tests.\n"), ContentHash::of(&mine));
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
    fn what_changed_comes_after_what_was_never_solved() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "10.1");
        text::write(&root.path().join("exercises/10-s/1-n/spec.rs"), "//! Other tests.\n").unwrap();
        assert_eq!(study.next().unwrap().id.to_string(), "11.1");
        solve(&mut study, "11.1");
        solve(&mut study, "11.2");
        assert_eq!(study.next().unwrap().id.to_string(), "10.1");
        text::write(&root.path().join("exercises/10-s/1-n/spec.rs"), "//! Tests.\n").unwrap();
        assert_eq!(study.next(), None);
    }

    #[test]
    fn a_solved_file_that_changes_is_not_solved_any_more() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "11.1");
        let exercise = study.pick(Some("11.1")).unwrap();
        assert_eq!(study.state(exercise), State::Solved);
        text::write(&exercise.learner_file(root.path()), "//! Broken.\n").unwrap();
        assert_eq!(study.state(exercise), State::FileChanged);
        text::write(&exercise.learner_file(root.path()), STARTER).unwrap();
        assert_eq!(study.state(exercise), State::Open, "the starter is back");
    }

    #[test]
    fn a_check_is_recorded_with_what_it_has_seen() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let exercise = study.pick(Some("10.1")).unwrap().clone();
        let mine = exercise.learner_file(root.path());
        text::write(&mine, "//! Mine.\n").unwrap();
        let seen = Seen::of(root.path(), &exercise).unwrap();
        let passed = Checked::Passed { tests: "1 test".to_owned(), elapsed: Duration::ZERO };
        assert!(!study.settle(&exercise, seen, &passed).unwrap());
        study.progress = Progress::load(root.path()).unwrap();
        assert_eq!(study.state(&exercise), State::Solved);
        text::write(&mine, "//! Saved while the tests ran.\n").unwrap();
        assert!(!study.settle(&exercise, seen, &passed).unwrap());
        assert_eq!(study.state(&exercise), State::FileChanged);
        let not_built = Checked::NotBuilt { reason: "the disk is full", complaints: String::new() };
        assert!(!study.settle(&exercise, seen, &not_built).unwrap(), "it says nothing about the code");
        let failed = Checked::DoesNotCompile("error".to_owned());
        assert!(study.settle(&exercise, seen, &failed).unwrap());
        assert_eq!(study.state(&exercise), State::Open, "a failing check opens it again");
    }

    #[test]
    fn what_only_a_check_can_tell() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let ids = |exercises: Vec<&Exercise>| {
            exercises.iter().map(|exercise| exercise.id.to_string()).collect::<Vec<_>>()
        };
        assert!(study.unchecked().is_empty(), "nothing is begun");
        let file = |study: &Study, id| study.pick(Some(id)).unwrap().learner_file(root.path());
        text::write(&file(&study, "11.2"), "//! Begun.\n").unwrap();
        solve(&mut study, "10.1");
        assert_eq!(ids(study.unchecked()), ["11.2"]);
        text::write(&file(&study, "10.1"), "//! Changed.\n").unwrap();
        assert_eq!(
            (ids(study.begun()), ids(study.unchecked())),
            (vec!["11.2".into()], vec!["11.2".into(), "10.1".into()])
        );
        text::write(&file(&study, "10.1"), STARTER).unwrap();
        assert_eq!(ids(study.unchecked()), ["11.2"], "what is as it was at the beginning is not solved");
    }
}
