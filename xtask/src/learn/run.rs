//! `cargo x learn run`: builds one exercise, runs its tests under a limit, records a success. Changes no code.

use std::process::ExitCode;

use anyhow::Result;

use crate::cargo::{self, Diagnostics};
use crate::clock;
use crate::course::Exercise;
use crate::learn::Study;
use crate::learn::trial::{LIMIT, Trial};
use crate::progress::SpecHash;
use crate::text;

/// Exits with 0 when the exercise is solved, else with 1.
pub fn run(study: &mut Study, id: Option<&str>) -> Result<ExitCode> {
    let exercise = study.pick(id)?.clone();
    let shown = exercise.folder.join("src/exercise.rs");
    println!("{}  {}", study.paint.bold(format!("{} {}", exercise.id, exercise.title)), shown.display());
    let built = cargo::build_tests(&study.root, &[exercise.package()], &["learner"], Diagnostics::Shown)?;
    let Some(executable) = built.executable(&exercise.package(), "learner") else {
        println!("{}", failure(study, &exercise, "it does not compile yet"));
        return Ok(ExitCode::FAILURE);
    };
    let trial = Trial::run(executable, &study.root.join(&exercise.folder), LIMIT)?;
    if trial.passed() {
        println!("{}", success(study, &exercise, &trial)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", trial.story());
    println!("{}", failure(study, &exercise, &reason(&trial)));
    Ok(ExitCode::FAILURE)
}

fn success(study: &mut Study, exercise: &Exercise, trial: &Trial) -> Result<String> {
    let spec = text::read(&exercise.spec_file(&study.root))?;
    study.progress.solved(exercise.id, SpecHash::of(&spec));
    study.progress.save(&study.root)?;
    let solved = study.paint.green(format!("✔ {} is solved", exercise.id));
    let next = match study.next_behind(exercise) {
        Some(next) => format!("next: cargo x learn run {}   {}, {} min", next.id, next.title, next.minutes),
        None => study.paint.green("Every exercise is solved."),
    };
    let (tests, elapsed) = (trial.passed_tests(), clock::spelled(trial.finished.elapsed));
    Ok(format!("{solved}: {tests} passed in {elapsed}\n{next}"))
}

fn failure(study: &Study, exercise: &Exercise, reason: &str) -> String {
    let failed = study.paint.red(format!("✘ {}", exercise.id));
    format!("\n{failed}: {reason}\nhint: cargo x learn hint {}", exercise.id)
}

fn reason(trial: &Trial) -> String {
    if let Some(hang) = trial.hang(LIMIT) {
        return hang;
    }
    match (trial.tally.failed, trial.tally.failed + trial.tally.passed) {
        (0, 0) => "the test program ended before it could count its tests".to_owned(),
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
        let finished = Finished { end, output: String::new(), elapsed: std::time::Duration::from_millis(20) };
        Trial { finished, tally: Tally { passed, failed, ignored: 0 } }
    }

    #[test]
    fn a_success_is_recorded_and_says_what_is_next() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let exercise = study.pick(Some("10.1")).unwrap().clone();
        let said = success(&mut study, &exercise, &trial(End::Success, 3, 0)).unwrap();
        let expected =
            "✔ 10.1 is solved: 3 tests passed in 0.02 s\nnext: cargo x learn run 11.1   Title 11.1, 10 min";
        assert_eq!(said, expected);
        study.progress = Progress::load(root.path()).unwrap();
        assert_eq!(study.state(&exercise), State::Solved);
    }

    #[test]
    fn a_failure_counts_and_ends_with_the_hint() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.2")).unwrap();
        let said = failure(&study, exercise, &reason(&trial(End::Failure, 1, 3)));
        assert_eq!(said, "\n✘ 11.2: 3 of 4 tests failed\nhint: cargo x learn hint 11.2");
        assert!(reason(&trial(End::Failure, 0, 0)).contains("ended before"));
        assert!(reason(&trial(End::TimedOut, 0, 0)).contains("killed after 10 s"));
    }
}
