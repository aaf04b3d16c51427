//! `cargo x learn verify`: proves each exercise four ways against the very tests that the learner runs: the solution passes, the
//! starter fails with its message, every plausible wrong answer fails with its own, every other right answer passes. What the
//! learner has changed is only reported.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::answer::{Kind, Outcome};
use crate::cargo::{self, Built, Diagnostics};
use crate::course::{Exercise, ExerciseId};
use crate::learn::proofs::{self, Claim, PACKAGE, SOLUTIONS};
use crate::learn::trial::{LIMIT, Trial};
use crate::learn::{Study, project};
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

/// How many answers of each kind an exercise must have.
const NEEDED: [(Kind, usize); 2] = [(Kind::Plausible, 2), (Kind::Alternative, 1)];

/// Checks these exercises and milestones, or all of them; a verdict for each answer, and one more for each thing that is missing.
pub fn verify(study: &Study, only: &[ExerciseId], strictness: Strictness) -> Result<Vec<Verdict>> {
    let mut verdicts = Vec::new();
    if only.is_empty() || only.iter().any(|id| !id.is_milestone()) {
        verdicts.extend(exercises(study, only, strictness)?);
    }
    if only.is_empty() || only.iter().any(|id| id.is_milestone()) {
        verdicts.extend(project::verify(study, only, strictness)?);
    }
    Ok(verdicts)
}

fn exercises(study: &Study, only: &[ExerciseId], strictness: Strictness) -> Result<Vec<Verdict>> {
    let chosen = |id: ExerciseId| only.is_empty() || only.contains(&id);
    let mut verdicts = if only.is_empty() { short_lessons(study) } else { Vec::new() };
    let mut claims = Vec::new();
    for exercise in study.course.exercises() {
        if chosen(exercise.id) {
            verdicts.extend(missing(study, exercise, NEEDED));
            verdicts.extend(changed(study, exercise, strictness));
        }
        match proofs::claims(study, exercise) {
            Ok(more) => claims.extend(more),
            Err(error) if chosen(exercise.id) => {
                verdicts.push(Verdict::Failed(format!("{}: {error:#}", exercise.id)))
            }
            Err(_) => {}
        }
    }
    if claims.is_empty() {
        return Ok(verdicts);
    }
    // All exercises are laid out, so that the manifest stays the same; what was chosen is built.
    let folder = proofs::lay_out(study, &claims)?;
    claims.retain(|claim| chosen(claim.id));
    let built = build(&folder, &claims)?;
    verdicts.extend(judge_all(study, &claims, &built)?);
    if only.is_empty() {
        verdicts.push(clippy(&folder)?);
    }
    Ok(verdicts)
}

/// Two calls of cargo: what must compile, and what must not.
fn build(folder: &Path, claims: &[Claim]) -> Result<Built> {
    let mut built = Built::default();
    for (must_compile, diagnostics) in [(true, Diagnostics::Collected), (false, Diagnostics::Expected)] {
        let wanted = |claim: &&Claim| claim.must_compile() == must_compile;
        let mut programs: Vec<&str> =
            claims.iter().filter(wanted).map(|claim| claim.program.as_str()).collect();
        programs.dedup();
        if !programs.is_empty() {
            built.extend(cargo::build_tests(folder, &[PACKAGE.to_owned()], &programs, diagnostics)?);
        }
    }
    Ok(built)
}

fn short_lessons(study: &Study) -> Vec<Verdict> {
    let few = study.course.lessons.iter().filter(|lesson| lesson.exercises.len() < 2);
    let said = |count: usize| format!("has {count} exercises, 2 are needed");
    few.map(|lesson| Verdict::Failed(format!("lesson {}: {}", lesson.number, said(lesson.exercises.len()))))
        .collect()
}

/// What every exercise must have.
fn missing(study: &Study, exercise: &Exercise, needed: [(Kind, usize); 2]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    if !study.root.join(&exercise.folder).join("README.md").exists() {
        let readme = exercise.folder.join("README.md");
        verdicts.push(Verdict::Failed(format!("{}: is missing: it states the task", readme.display())));
    }
    let Ok(answers) = proofs::answers(study, exercise) else { return verdicts };
    for (kind, needed) in needed {
        let count = answers.iter().filter(|answer| answer.kind == kind).count();
        if count < needed {
            let folder = exercise.folder.join("answers").join(kind.folder());
            verdicts.push(Verdict::Failed(format!(
                "{}: holds {count} answers, {needed} are needed",
                folder.display()
            )));
        }
    }
    verdicts
}

/// What is said about a learner's file that is not the starter.
fn changed(study: &Study, exercise: &Exercise, strictness: Strictness) -> Option<Verdict> {
    let id = exercise.id;
    let file = exercise.folder.join("src/exercise.rs");
    let starter = study.starter(exercise).ok()?;
    let mine = match text::read(&exercise.learner_file(&study.root)) {
        Ok(mine) => mine,
        Err(error) => return Some(Verdict::Failed(format!("{id}: {error:#}"))),
    };
    if mine == starter {
        return None;
    }
    let line = text::starts_alike(&starter, &mine) + 1;
    Some(match strictness {
        Strictness::Learner => Verdict::Skipped(format!("{id}: {}: changed by you", file.display())),
        Strictness::Strict => Verdict::Failed(format!(
            "{id}: {}:{line}: differs from the starter in answers/solution.rs: cargo x learn reset {id}",
            file.display()
        )),
    })
}

/// Runs the programs. The verdicts are in the order of the claims.
fn judge_all(study: &Study, claims: &[Claim], built: &Built) -> Result<Vec<Verdict>> {
    in_parallel(claims, |claim| judge(study, claim, built))
}

/// Judges as many claims at once as there are processors. The verdicts are in the order of the claims.
pub(super) fn in_parallel<C: Sync>(
    claims: &[C],
    judge: impl Fn(&C) -> Result<Verdict> + Sync,
) -> Result<Vec<Verdict>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut judged = Vec::new();
        while let Some((at, claim)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, claims.get(at)?)))
        {
            judged.push((at, judge(claim)?));
        }
        Ok(judged)
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut judged = thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let judged = handles.into_iter().map(|handle| handle.join().expect("a judge does not panic"));
        judged.collect::<Result<Vec<Vec<_>>>>()
    })?
    .concat();
    judged.sort_by_key(|(at, _)| *at);
    Ok(judged.into_iter().map(|(_, verdict)| verdict).collect())
}

fn judge(study: &Study, claim: &Claim, built: &Built) -> Result<Verdict> {
    let title = format!("{} {}", claim.id, claim.module);
    let executable = built.executable(PACKAGE, &claim.program);
    if let Outcome::DoesNotCompile(wanted) = &claim.outcome {
        let said = built.said(PACKAGE, &claim.program).concat();
        return Ok(match executable {
            Some(_) => Verdict::Failed(format!("{title}: compiles; it must be rejected with `{wanted}`")),
            None if said.contains(wanted.as_str()) => {
                Verdict::Passed(format!("{title}: is rejected with `{wanted}`"))
            }
            None => Verdict::Failed(format!("{title}: is rejected, but without `{wanted}`\n{said}")),
        });
    }
    let said = said_of(claim, built);
    let Some(executable) = executable.filter(|_| said.is_empty()) else {
        let said =
            if said.is_empty() { "another answer in its program does not compile".to_owned() } else { said };
        return Ok(Verdict::Failed(format!("{title}: must compile without warnings\n{said}")));
    };
    let folder = study.root.join(&study.course.exercise(claim.id)?.folder);
    let trial = Trial::run(&executable.path, &folder, Some(&format!("{}::", claim.module)), LIMIT)?;
    Ok(judged(&title, &claim.outcome, &trial, LIMIT))
}

/// What a run means for a version that compiles.
pub(super) fn judged(title: &str, outcome: &Outcome, trial: &Trial, limit: Duration) -> Verdict {
    let shown = format!("{}\n{}", trial.story(), trial.hang(limit).unwrap_or_default());
    match outcome {
        Outcome::Passes | Outcome::DoesNotCompile(_) if trial.passed() => {
            Verdict::Passed(format!("{title}: passes {}", trial.passed_tests()))
        }
        Outcome::Passes | Outcome::DoesNotCompile(_) => {
            Verdict::Failed(format!("{title}: fails its tests\n{shown}"))
        }
        Outcome::Fails(_) if trial.finished.end == End::Success => {
            Verdict::Failed(format!("{title}: passes, and must fail"))
        }
        Outcome::Fails(wanted) if shown.contains(wanted.as_str()) => {
            Verdict::Passed(format!("{title}: fails with `{wanted}`"))
        }
        Outcome::Fails(wanted) => Verdict::Failed(format!("{title}: fails, but without `{wanted}`\n{shown}")),
    }
}

/// What the compiler said about this version, and not about the others in its program.
fn said_of(claim: &Claim, built: &Built) -> String {
    let files = [format!("{}.rs:", claim.module), "spec.rs:".to_owned()];
    let about = |said: &&String| files.iter().any(|file| said.contains(file));
    built.said(PACKAGE, &claim.program).iter().filter(about).cloned().collect()
}

/// The solutions are in no package of the workspace, so clippy sees them here.
pub(super) fn clippy(folder: &Path) -> Result<Verdict> {
    let arguments = ["clippy", "--quiet", "--example", SOLUTIONS, "--", "-D", "warnings"];
    let output = cargo::command(folder).args(arguments).output()?;
    Ok(match output.status.success() {
        true => Verdict::Passed("all solutions: clippy is silent".to_owned()),
        false => {
            Verdict::Failed(format!("all solutions: clippy\n{}", String::from_utf8_lossy(&output.stderr)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::study;

    fn failures(verdicts: impl IntoIterator<Item = Verdict>) -> String {
        format!(
            "{:?}",
            verdicts.into_iter().filter(|verdict| matches!(verdict, Verdict::Failed(_))).collect::<Vec<_>>()
        )
    }

    #[test]
    fn short_lessons_and_what_an_exercise_lacks_are_named() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.2")).unwrap();
        std::fs::remove_file(root.path().join(&exercise.folder).join("README.md")).unwrap();
        text::write(
            &root.path().join(&exercise.folder).join("answers/plausible/x.rs"),
            "//! X.\n//~ fails with: x\n2\n",
        )
        .unwrap();
        assert!(failures(short_lessons(&study)).contains("lesson 10: has 1 exercises, 2 are needed"));
        let said = failures(missing(&study, exercise, [(Kind::Plausible, 2), (Kind::Alternative, 1)]));
        assert!(said.contains("2-n/README.md: is missing"), "{said}");
        assert!(said.contains("2-n/answers/plausible: holds 1 answers, 2 are needed"), "{said}");
        assert!(said.contains("2-n/answers/alternatives: holds 0 answers, 1 are needed"), "{said}");
    }

    #[test]
    fn what_the_learner_changed_is_a_failure_only_where_it_is_published() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        assert_eq!(changed(&study, exercise, Strictness::Strict), None);
        text::write(&exercise.learner_file(root.path()), "//! A.\npub fn a() -> u32 {\n    1\n}\n").unwrap();
        assert!(matches!(changed(&study, exercise, Strictness::Learner), Some(Verdict::Skipped(_))));
        let said = failures(changed(&study, exercise, Strictness::Strict));
        assert!(
            said.contains("exercise.rs:3: differs") && said.contains("cargo x learn reset 11.1"),
            "{said}"
        );
    }

    #[test]
    fn what_the_compiler_must_reject_is_a_program_of_its_own() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let folder = root.path().join(&study.pick(Some("11.1")).unwrap().folder).join("answers");
        text::write(&folder.join("plausible/x.rs"), "//! X.\n//~ does not compile: not `Send`\n2\n").unwrap();
        text::write(&folder.join("alternatives/y.rs"), "//! Y.\n3\n").unwrap();
        let shown = |study: &Study| {
            let claims = proofs::claims(study, study.pick(Some("11.1")).unwrap()).unwrap();
            claims.iter().map(|claim| format!("{} {}", claim.program, claim.module)).collect::<Vec<_>>()
        };
        let expected =
            ["11-1 solution", "11-1 starter", "11-1 alternative_y", "11-1-plausible_x plausible_x"];
        assert_eq!(shown(&study), expected);
        study.course.lessons[1].exercises[0].begins = crate::course::Begins::CompileError;
        assert_eq!(shown(&study)[3], "11-1-starter starter");
    }

    #[test]
    fn a_program_that_does_not_exist_does_not_pass() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let claims = proofs::claims(&study, study.pick(Some("11.1")).unwrap()).unwrap();
        let mut built = Built::default();
        built.diagnostics.insert(
            (PACKAGE.to_owned(), "11-1".to_owned()),
            vec!["warning: unused\n --> 11-1/solution.rs:3".to_owned()],
        );
        let said = failures(judge_all(&study, &claims, &built).unwrap());
        assert!(said.contains("11.1 solution: must compile without warnings\\nwarning: unused"), "{said}");
        assert!(said.contains("11.1 starter: must compile without warnings\\nanother answer"), "{said}");
    }
}
