//! `cargo x learn run`: checks one exercise and records what came of it. Changes no code.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::cargo::Diagnostics;
use crate::clock;
use crate::course::Exercise;
use crate::learn::check::{Checked, Manner, Program, Seen};
use crate::learn::{Study, report};
use crate::paint;
use crate::say::{self, say};

/// Exits with 0 when the exercise is solved, else with 1.
pub fn run(study: &mut Study, id: Option<&str>) -> Result<ExitCode> {
    let exercise = study.pick(id)?.clone();
    say(report::title(study.paint, &exercise));
    say(report::place(study, &exercise, None));
    let seen = Seen::of(&study.root, &exercise)?;
    let checked = check(study, &Program::of(&study.root, &exercise, seen))?;
    let saved = study.settle(&exercise, seen, &checked);
    say(say::fitted(&said(study, &exercise, &checked)));
    match saved {
        Ok(true) => say("It was solved, and is open again until it passes."),
        Ok(false) => {}
        Err(error) => say(study.paint.yellow(format!("Your progress could not be saved: {error:#}"))),
    }
    Ok(if let Checked::Passed { .. } = checked { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// On a terminal, cargo shows that it is alive, and the tests do after a second.
pub(super) fn check(study: &Study, program: &Program) -> Result<Checked> {
    let is_live = io::stderr().is_terminal() && !paint::is_dumb();
    let go_on = |elapsed: Duration| {
        if is_live && elapsed >= Duration::from_secs(1) {
            let (seconds, limit) = (elapsed.as_secs(), program.limit.as_secs());
            eprint!("\rtesting: {seconds} s, at most {limit} s");
        }
        true
    };
    let diagnostics = Diagnostics::Shown(study.paint);
    let checked = program.check(&study.root, Manner { diagnostics, columns: say::columns(), go_on: &go_on });
    if is_live {
        eprint!("\r\x1b[K");
        // Nobody is told when the terminal has gone.
        io::stderr().flush().ok();
    }
    checked
}

fn said(study: &Study, exercise: &Exercise, checked: &Checked) -> String {
    let failed = study.paint.red(format!("✘ {}", exercise.id));
    let stuck = format!("Stuck? Run cargo x learn hint {}", exercise.id);
    match checked {
        Checked::Passed { tests, elapsed } => success(study, exercise, tests, *elapsed),
        Checked::Failed { story, reason } => {
            let place = report::place(study, exercise, Some(checked));
            let story = report::story(study.paint, story).join("\n");
            format!("{story}\n\n{failed}: {reason}\n{place}\n{stuck}")
        }
        Checked::DoesNotCompile(_) => format!(
            "\n{failed}: it does not compile yet\n{}\n{stuck}",
            report::place(study, exercise, Some(checked))
        ),
        Checked::NotBuilt { reason, .. } => {
            format!("\n{failed}: {reason}. This says nothing about your code.")
        }
        Checked::Stopped => format!("\n{failed}: stopped"),
    }
}

fn success(study: &Study, exercise: &Exercise, tests: &str, elapsed: Duration) -> String {
    let solved = study.paint.green(format!("✔ {} is solved", exercise.id));
    let mut lines = vec![format!("{solved}: {tests} passed in {}", clock::spelled(elapsed)), String::new()];
    lines.extend(report::notice(study, exercise, &format!("cargo x learn solution {}", exercise.id)));
    lines.push(String::new());
    lines.push(match study.next_behind(exercise) {
        Some(next) => format!("next: cargo x learn run {}   {}, {} min", next.id, next.title, next.minutes),
        None => study.paint.green("Every exercise is solved."),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::{solve, study};

    #[test]
    fn a_success_says_what_to_notice_and_what_is_next() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "10.1");
        let exercise = study.pick(Some("10.1")).unwrap();
        let passed = Checked::Passed { tests: "3 tests".to_owned(), elapsed: Duration::from_millis(20) };
        let expected = "✔ 10.1 is solved: 3 tests passed in 0.02 s\n\n\
            Compare yours with the solution: cargo x learn solution 10.1\n\n\
            next: cargo x learn run 11.1   Title 11.1, 10 min";
        assert_eq!(said(&study, exercise, &passed), expected);
    }

    #[test]
    fn a_failure_counts_and_ends_with_the_place_and_the_hint() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.2")).unwrap();
        let (story, reason) = ("left".to_owned(), "3 of 4 tests failed".to_owned());
        let expected = "left\n\n✘ 11.2: 3 of 4 tests failed\nexercises/11-s/2-n/src/exercise.rs:4\n\
            Stuck? Run cargo x learn hint 11.2";
        assert_eq!(said(&study, exercise, &Checked::Failed { story, reason }), expected);
        let not_built = Checked::NotBuilt { reason: "the disk is full", complaints: String::new() };
        assert!(said(&study, exercise, &not_built).contains("This says nothing about your code"));
    }
}
