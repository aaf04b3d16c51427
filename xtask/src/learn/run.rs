//! `cargo x learn run`: builds one exercise, runs its tests under a limit, records a success. Changes no code.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cargo::{self, Built, Diagnostics, Executable};
use crate::clock;
use crate::course::Exercise;
use crate::learn::Study;
use crate::learn::trial::{LIMIT, Trial};
use crate::progress::ContentHash;
use crate::say::say;
use crate::text;

/// Exits with 0 when the exercise is solved, else with 1.
pub fn run(study: &mut Study, id: Option<&str>) -> Result<ExitCode> {
    let exercise = study.pick(id)?.clone();
    let shown = exercise.folder.join("src/exercise.rs");
    say(format_args!(
        "{}  {}",
        study.paint.bold(format!("{} {}", exercise.id, exercise.title)),
        shown.display()
    ));
    let folder = study.root.join(&exercise.folder);
    let program = Program {
        package: exercise.package(),
        name: "learner".to_owned(),
        roots: vec![folder.join("src/lib.rs"), folder.join("tests/learner.rs")],
        content: content(study, &exercise)?,
    };
    let executable = match build(study, &program)? {
        Ok(executable) => executable,
        Err(NotBuilt::NotYourCode(reason)) => {
            say(format_args!("\n{}: {reason}. This says nothing about your code.", failed(study, &exercise)));
            return Ok(ExitCode::FAILURE);
        }
        Err(NotBuilt::DoesNotCompile) => return fail(study, &exercise, "it does not compile yet"),
    };
    let trial = Trial::run(&executable.path, &study.root.join(&exercise.folder), None, LIMIT)?;
    if trial.passed() {
        say(success(study, &exercise, &trial)?);
        return Ok(ExitCode::SUCCESS);
    }
    say(trial.story());
    fail(study, &exercise, &reason(&trial, LIMIT))
}

/// A test program of the learner's.
pub(super) struct Program {
    pub package: String,
    pub name: String,
    /// The files that cargo compiles first, for the library and for the test.
    pub roots: Vec<PathBuf>,
    /// What it is built from.
    pub content: ContentHash,
}

/// Why there is no test program.
pub(super) enum NotBuilt {
    DoesNotCompile,
    NotYourCode(&'static str),
}

/// Builds the learner's test program from what the files hold now. Cargo goes by their times, and takes a program for fresh
/// when an older file was moved into place; so what each program was built from is kept beside it.
pub(super) fn build(study: &Study, program: &Program) -> Result<Result<Executable, NotBuilt>> {
    let build = || {
        let package = std::slice::from_ref(&program.package);
        cargo::build_tests(&study.root, package, &[&program.name], Diagnostics::Shown(study.paint))
    };
    let executable = |built: &Built| built.executable(&program.package, &program.name).cloned();
    let mut built = build()?;
    if executable(&built).is_some_and(|executable| is_stale(&executable, program.content)) {
        for root in &program.roots {
            touch(root)?;
        }
        built = build()?;
    }
    let Some(executable) = executable(&built) else {
        return Ok(Err(not_your_code(&built).map_or(NotBuilt::DoesNotCompile, NotBuilt::NotYourCode)));
    };
    text::update(&stamp(&executable.path), &program.content.to_string())?;
    Ok(Ok(executable))
}

/// Everything that the learner's test program is built from, but for what the course gives.
fn content(study: &Study, exercise: &Exercise) -> Result<ContentHash> {
    let files = [exercise.learner_file(&study.root), exercise.spec_file(&study.root)];
    let texts: Result<Vec<String>> = files.iter().map(|file| text::read(file)).collect();
    Ok(ContentHash::of(&texts?.join("\0")))
}

fn is_stale(executable: &Executable, content: ContentHash) -> bool {
    executable.is_fresh
        && fs::read_to_string(stamp(&executable.path)).ok().is_none_or(|then| then != content.to_string())
}

fn stamp(executable: &Path) -> PathBuf {
    executable.with_extension("content")
}

fn touch(file: &Path) -> Result<()> {
    let touched = File::options().write(true).open(file).and_then(|file| file.set_modified(clock::now()));
    touched.with_context(|| format!("cannot touch {}", file.display()))
}

fn success(study: &mut Study, exercise: &Exercise, trial: &Trial) -> Result<String> {
    let [spec, mine] = [exercise.spec_file(&study.root), exercise.learner_file(&study.root)];
    let (spec, mine) = (ContentHash::of(&text::read(&spec)?), ContentHash::of(&text::read(&mine)?));
    let solved = study.paint.green(format!("✔ {} is solved", exercise.id));
    let (tests, elapsed) = (trial.passed_tests(), clock::spelled(trial.finished.elapsed));
    let mut lines = vec![format!("{solved}: {tests} passed in {elapsed}")];
    if let Err(error) = study.record(|progress| progress.solved(exercise.id, spec, mine)) {
        lines.push(study.paint.yellow(format!("Your progress could not be saved: {error:#}")));
    }
    lines.push(format!("compare: cargo x learn solution {}", exercise.id));
    lines.push(match study.next_behind(exercise) {
        Some(next) => format!("next: cargo x learn run {}   {}, {} min", next.id, next.title, next.minutes),
        None => study.paint.green("Every exercise is solved."),
    });
    Ok(lines.join("\n"))
}

/// An exercise that fails is open again, whatever it was.
fn fail(study: &mut Study, exercise: &Exercise, reason: &str) -> Result<ExitCode> {
    say(failure(study, exercise, reason));
    if study.progress.is_solved(exercise.id) {
        study.record(|progress| progress.reopen(exercise.id))?;
        say("It was solved, and is open again until it passes.");
    }
    Ok(ExitCode::FAILURE)
}

fn failure(study: &Study, exercise: &Exercise, reason: &str) -> String {
    format!("\n{}: {reason}\nStuck? Run cargo x learn hint {}", failed(study, exercise), exercise.id)
}

fn failed(study: &Study, exercise: &Exercise) -> String {
    study.paint.red(format!("✘ {}", exercise.id))
}

/// Why there is no test program, if the code is not to blame.
fn not_your_code(built: &Built) -> Option<&'static str> {
    if built.all_said().next().is_none() {
        return Some("cargo could not build it, and says why above");
    }
    let disk_is_full = built.all_said().any(|said| said.contains("No space left on device"));
    disk_is_full.then_some("the disk is full, so it could not be built")
}

pub(super) fn reason(trial: &Trial, limit: Duration) -> String {
    if let Some(hang) = trial.hang(limit) {
        return hang;
    }
    match (trial.tally.failed, trial.tally.failed + trial.tally.passed) {
        (0, 0) => "the test program exited before its tests had finished".to_owned(),
        (0, _) => "the test program failed".to_owned(),
        (failed, all) => format!("{failed} of {all} tests failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::study;
    use crate::libtest::Tally;
    use crate::limited::{End, Finished};
    use crate::progress::{Progress, State};

    fn trial(end: End, passed: usize, failed: usize) -> Trial {
        let finished = Finished { end, output: String::new(), elapsed: Duration::from_millis(20) };
        Trial { finished, tally: Tally { passed, failed, ignored: 0 } }
    }

    const SOLVED: &str = "✔ 10.1 is solved: 3 tests passed in 0.02 s\n";
    const NEXT: &str =
        "compare: cargo x learn solution 10.1\nnext: cargo x learn run 11.1   Title 11.1, 10 min";

    #[test]
    fn a_success_is_recorded_and_says_what_is_next() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let exercise = study.pick(Some("10.1")).unwrap().clone();
        text::write(&exercise.learner_file(root.path()), "//! Mine.\n").unwrap();
        let said = success(&mut study, &exercise, &trial(End::Success, 3, 0)).unwrap();
        assert_eq!(said, format!("{SOLVED}{NEXT}"));
        study.progress = Progress::load(root.path()).unwrap();
        assert_eq!(study.state(&exercise), State::Solved);
        fail(&mut study, &exercise, "a test failed").unwrap();
        assert_eq!(study.state(&exercise), State::Open, "a failing run opens it again");
    }

    #[test]
    fn a_success_that_cannot_be_saved_is_a_success() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        text::write(&root.path().join(".course"), "a file where the folder must be").unwrap();
        let exercise = study.pick(Some("10.1")).unwrap().clone();
        let said = success(&mut study, &exercise, &trial(End::Success, 3, 0)).unwrap();
        assert!(
            said.starts_with(&format!("{SOLVED}Your progress could not be saved: cannot create .course")),
            "{said}"
        );
    }

    #[test]
    fn a_failure_counts_and_ends_with_the_hint() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.2")).unwrap();
        let said = failure(&study, exercise, &reason(&trial(End::Failure, 1, 3), LIMIT));
        assert_eq!(said, "\n✘ 11.2: 3 of 4 tests failed\nStuck? Run cargo x learn hint 11.2");
        assert!(reason(&trial(End::Failure, 0, 0), LIMIT).contains("exited before"));
        assert!(reason(&trial(End::TimedOut, 0, 0), LIMIT).contains("killed after 10 s"));
    }

    #[test]
    fn what_could_not_be_built_is_not_always_the_learners_fault() {
        let mut built = Built::default();
        assert!(not_your_code(&built).unwrap().contains("says why above"));
        let target = ("a".to_owned(), "a".to_owned());
        built.diagnostics.insert(target.clone(), vec!["error: expected `;`".to_owned()]);
        assert_eq!(not_your_code(&built), None);
        let full = "error: failed to write x: No space left on device (os error 28)".to_owned();
        built.diagnostics.insert(target, vec![full]);
        assert!(not_your_code(&built).unwrap().contains("the disk is full"));
    }

    #[test]
    fn a_program_is_stale_when_its_sources_held_something_else() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("learner-1");
        let executable = |is_fresh| Executable { path: path.clone(), is_fresh };
        let content = ContentHash::of("mine");
        assert!(is_stale(&executable(true), content), "nobody knows what it was built from");
        text::write(&stamp(&path), &content.to_string()).unwrap();
        assert!(!is_stale(&executable(true), content));
        assert!(is_stale(&executable(true), ContentHash::of("an older file")));
        assert!(!is_stale(&executable(false), ContentHash::of("new")), "it has just been built");
    }
}
