//! `cargo x learn verify`: proves the exercises both ways: each solution passes the learner's tests, each unsolved
//! exercise compiles without warnings and fails them as it should. What the learner has changed is only reported.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::cargo::{self, Built, Diagnostics};
use crate::course::{Exercise, ExerciseId};
use crate::learn::Study;
use crate::learn::trial::{LIMIT, Trial};
use crate::limited::End;
use crate::text;

/// What an exercise that differs from its starter means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// The learner is at work: it is reported.
    Learner,
    /// A repository that is to be published: it is a failure.
    Strict,
}

/// One check and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed(String),
    Failed(String),
    /// Nothing to check, with the reason.
    Skipped(String),
}

/// What `src/exercise.rs` is, compared with the starter carved from the solution.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    Starter,
    Changed(usize),
    Broken(String),
}

/// Checks everything; two verdicts an exercise, and one more for each thing that is missing.
pub fn verify(study: &Study, strictness: Strictness) -> Result<Vec<Verdict>> {
    let mut verdicts = missing(study);
    let sources: BTreeMap<ExerciseId, Source> =
        study.course.exercises().map(|exercise| (exercise.id, source(study, exercise))).collect();
    let packages: Vec<String> = study.course.exercises().map(Exercise::package).collect();
    if packages.is_empty() {
        return Ok(verdicts);
    }
    // One call for all: cargo shares the work, and the lock of the target folder is taken once.
    let built = cargo::build_tests(&study.root, &packages, &["learner", "solution"], Diagnostics::Collected)?;
    for exercise in study.course.exercises() {
        let source = &sources[&exercise.id];
        verdicts.push(solution(study, exercise, &built, source)?);
        verdicts.push(unsolved(study, exercise, &built, source, strictness)?);
    }
    Ok(verdicts)
}

/// What each lesson and exercise must have.
fn missing(study: &Study) -> Vec<Verdict> {
    let few = study.course.lessons.iter().filter(|lesson| lesson.exercises.len() < 2);
    let few = few.map(|lesson| {
        format!("lesson {}: has {} exercises, 2 are needed", lesson.number, lesson.exercises.len())
    });
    let readme = |exercise: &&Exercise| !study.root.join(&exercise.folder).join("README.md").exists();
    let unexplained = study.course.exercises().filter(readme);
    let unexplained = unexplained
        .map(|exercise| format!("{}/README.md: is missing: it says what to do", exercise.folder.display()));
    few.chain(unexplained).map(Verdict::Failed).collect()
}

fn source(study: &Study, exercise: &Exercise) -> Source {
    let texts = study
        .starter(exercise)
        .and_then(|starter| Ok((starter, text::read(&exercise.learner_file(&study.root))?)));
    match texts {
        Err(error) => Source::Broken(format!("{error:#}")),
        Ok((starter, mine)) if starter == mine => Source::Starter,
        Ok((starter, mine)) => {
            let same = starter.lines().zip(mine.lines()).take_while(|(a, b)| a == b).count();
            Source::Changed(same + 1)
        }
    }
}

fn solution(study: &Study, exercise: &Exercise, built: &Built, source: &Source) -> Result<Verdict> {
    let id = exercise.id;
    let Some(executable) = built.executable(&exercise.package(), "solution") else {
        // Solution and learner's file are modules of one library: the learner's errors stop both.
        if matches!(source, Source::Changed(_)) {
            return Ok(Verdict::Skipped(format!("{id} solution: your src/exercise.rs does not compile")));
        }
        return Ok(Verdict::Failed(format!("{id} solution: does not compile\n{}", said(built, exercise))));
    };
    let trial = Trial::run(executable, &study.root.join(&exercise.folder), LIMIT)?;
    Ok(match trial.passed() {
        true => Verdict::Passed(format!("{id} solution: passes {}", trial.passed_tests())),
        false => Verdict::Failed(format!("{id} solution: fails its tests\n{}", outcome(&trial))),
    })
}

fn unsolved(
    study: &Study,
    exercise: &Exercise,
    built: &Built,
    source: &Source,
    strictness: Strictness,
) -> Result<Verdict> {
    let id = exercise.id;
    let file = exercise.folder.join("src/exercise.rs");
    match (source, strictness) {
        (Source::Broken(error), _) => return Ok(Verdict::Failed(format!("{id} starter: {error}"))),
        (Source::Changed(line), Strictness::Strict) => {
            let file = file.display();
            return Ok(Verdict::Failed(format!(
                "{id} starter: {file}:{line}: differs from the starter in src/solution.rs: cargo x learn reset {id}"
            )));
        }
        (Source::Changed(_), Strictness::Learner) => {
            return Ok(Verdict::Skipped(format!("{id} starter: changed by you, so it is not checked")));
        }
        (Source::Starter, _) => {}
    }
    let executable = built.executable(&exercise.package(), "learner");
    let diagnostics = said(built, exercise);
    let Some(executable) = executable.filter(|_| diagnostics.is_empty()) else {
        return Ok(Verdict::Failed(format!("{id} starter: must compile without warnings\n{diagnostics}")));
    };
    fails_as_it_should(exercise, executable, &study.root.join(&exercise.folder))
}

fn fails_as_it_should(exercise: &Exercise, executable: &Path, folder: &Path) -> Result<Verdict> {
    let (id, wanted) = (exercise.id, &exercise.fails_with);
    let trial = Trial::run(executable, folder, LIMIT)?;
    Ok(match trial.finished.end {
        End::TimedOut => Verdict::Failed(format!("{id} starter: hangs; it must fail\n{}", outcome(&trial))),
        End::Success => Verdict::Failed(format!("{id} starter: passes its tests although it is not solved")),
        End::Failure if !trial.finished.output.contains(wanted.as_str()) => {
            Verdict::Failed(format!("{id} starter: fails, but without `{wanted}`\n{}", outcome(&trial)))
        }
        End::Failure => Verdict::Passed(format!("{id} starter: compiles, fails with `{wanted}`")),
    })
}

fn said(built: &Built, exercise: &Exercise) -> String {
    built.said(&exercise.package()).concat()
}

fn outcome(trial: &Trial) -> String {
    format!("{}\n{}", trial.story(), trial.hang(LIMIT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::study;

    #[test]
    fn lessons_with_one_exercise_and_missing_readmes_are_named() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        std::fs::remove_file(root.path().join("exercises/11-s/2-n/README.md")).unwrap();
        let said = format!("{:?}", missing(&study));
        assert!(said.contains("lesson 10: has 1 exercises, 2 are needed"), "{said}");
        assert!(said.contains("2-n/README.md: is missing"), "{said}");
        assert_eq!(missing(&study).len(), 2);
    }

    #[test]
    fn a_change_is_found_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        assert_eq!(source(&study, exercise), Source::Starter);
        text::write(&exercise.learner_file(root.path()), "//! A.\npub fn a() -> u32 {\n    1\n}\n").unwrap();
        assert_eq!(source(&study, exercise), Source::Changed(3));
        text::write(&exercise.solution_file(root.path()), "//! A.\n").unwrap();
        assert!(matches!(source(&study, exercise), Source::Broken(error) if error.contains("solution.rs:1")));
    }

    #[test]
    fn what_the_learner_changed_is_a_failure_only_where_it_is_published() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        let verdict = |strictness| {
            unsolved(&study, exercise, &Built::default(), &Source::Changed(3), strictness).unwrap()
        };
        assert!(matches!(verdict(Strictness::Learner), Verdict::Skipped(_)));
        let Verdict::Failed(said) = verdict(Strictness::Strict) else { panic!("must fail") };
        assert!(
            said.contains("exercise.rs:3: differs") && said.contains("cargo x learn reset 11.1"),
            "{said}"
        );
    }

    #[test]
    fn a_starter_with_warnings_is_a_failure() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        let mut built = Built::default();
        built.executables.insert((exercise.package(), "learner".to_owned()), "learner".into());
        built.diagnostics.insert(exercise.package(), vec!["warning: unused".to_owned()]);
        let verdict = unsolved(&study, exercise, &built, &Source::Starter, Strictness::Learner).unwrap();
        assert!(matches!(verdict, Verdict::Failed(said) if said.contains("warning: unused")));
    }
}
