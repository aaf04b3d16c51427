//! One run of an exercise's test program under the course's limit. Does not build it, records nothing.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::learn::check::Checked;
use crate::libtest::{Tally, unfinished};
use crate::limited::{self, End, Finished};

/// Wall time; the tests use virtual time, so that an honest run takes milliseconds.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// How much of a long story is shown.
const LINES_AT_EACH_END: usize = 100;

/// What every panic ends with. A backtrace leads through the runtime and not to the cause.
const BACKTRACE: &str = "note: run with `RUST_BACKTRACE=1`";

pub(super) struct Trial {
    pub finished: Finished,
    pub tally: Tally,
}

impl Trial {
    /// Runs the tests whose names contain `only`, or all of them.
    pub(super) fn run(
        executable: &Path,
        folder: &Path,
        only: Option<&str>,
        limit: Duration,
    ) -> Result<Trial> {
        Trial::of(&mut Trial::command(executable, folder, only), limit, &|_| true)
    }

    /// Runs all tests while that is wanted. What they show fits a terminal of `columns`.
    pub(super) fn run_while(
        executable: &Path,
        folder: &Path,
        columns: Option<u16>,
        limit: Duration,
        go_on: &dyn Fn(Duration) -> bool,
    ) -> Result<Trial> {
        let mut command = Trial::command(executable, folder, None);
        // `shared` lays its tables out for it.
        command.envs(columns.map(|columns| ("JOURNAL_COLUMNS", columns.to_string())));
        Trial::of(&mut command, limit, go_on)
    }

    fn command(executable: &Path, folder: &Path, only: Option<&str>) -> Command {
        let mut command = Command::new(executable);
        // One thread: the output says which test hangs. Not captured by libtest: it would lose what a killed test printed.
        command.args(["--test-threads=1", "--nocapture"]).args(only).current_dir(folder);
        // The message says what went wrong; a backtrace through the runtime would only hide it.
        command.env("RUST_BACKTRACE", "0");
        command
    }

    fn of(command: &mut Command, limit: Duration, go_on: &dyn Fn(Duration) -> bool) -> Result<Trial> {
        let finished = limited::run_while(command, limit, go_on)?;
        let tally = Tally::of_output(&finished.output);
        Ok(Trial { finished, tally })
    }

    /// All tests ran and passed; a program without tests proves nothing.
    pub(super) fn passed(&self) -> bool {
        self.finished.end == End::Success && self.tally.passed > 0 && self.tally.failed == 0
    }

    /// What happened, without libtest's list of names at the end: each failure stands at its test already. Without the advice
    /// to ask for a backtrace. A loop that prints is cut short.
    pub(super) fn story(&self) -> String {
        let story = self.finished.output.split("\nfailures:\n").next().unwrap_or_default().trim();
        let lines: Vec<&str> = story.lines().filter(|line| !line.starts_with(BACKTRACE)).collect();
        if lines.len() <= 2 * LINES_AT_EACH_END {
            return lines.join("\n");
        }
        let (first, rest) = lines.split_at(LINES_AT_EACH_END);
        let (left_out, last) = rest.split_at(rest.len() - LINES_AT_EACH_END);
        format!("{}\n… {} lines left out …\n{}", first.join("\n"), left_out.len(), last.join("\n"))
    }

    /// `1 test`, `3 tests`.
    pub(super) fn passed_tests(&self) -> String {
        let passed = self.tally.passed;
        format!("{passed} test{}", if passed == 1 { "" } else { "s" })
    }

    /// What the learner is told.
    pub(super) fn checked(&self, limit: Duration) -> Checked {
        if self.finished.end == End::Stopped {
            return Checked::Stopped;
        }
        if self.passed() {
            return Checked::Passed { tests: self.passed_tests(), elapsed: self.finished.elapsed };
        }
        Checked::Failed { story: self.story(), reason: self.reason(limit) }
    }

    fn reason(&self, limit: Duration) -> String {
        if let Some(hang) = self.hang(limit) {
            return hang;
        }
        match (self.tally.failed, self.tally.failed + self.tally.passed) {
            (0, 0) => "the test program exited before its tests had finished".to_owned(),
            (0, _) => "the test program failed".to_owned(),
            (failed, all) => format!("{failed} of {all} tests failed"),
        }
    }

    /// For a trial that was killed: what hung, and what usually is the cause.
    pub(super) fn hang(&self, limit: Duration) -> Option<String> {
        if self.finished.end != End::TimedOut {
            return None;
        }
        let name = unfinished(&self.finished.output).map(|name| format!(" in the test `{name}`"));
        Some(format!(
            "killed after {} s{}. The likely causes:\n\
             - a lock held across an await: the tasks that need it wait for its holder, which waits for them\n\
             - a lock that the same task already holds: a guard (`borrow()` of a `watch` returns one) is alive while the task locks or sends\n\
             - a receiver whose sender is still alive: `recv` waits for a message that will never be sent\n\
             - a missing wake: a hand-written future returned `Pending` without keeping the waker\n\
             - a busy loop: a loop without an await, or a task that is always ready, stops the clock",
            limit.as_secs(),
            name.unwrap_or_default()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(end: End, output: &str) -> Trial {
        let finished = Finished { end, output: output.to_owned(), elapsed: Duration::ZERO };
        Trial { tally: Tally::of_output(output), finished }
    }

    const ONE: &str = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured\n";
    const NONE: &str = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured\n";

    #[test]
    fn only_tests_that_ran_prove_something() {
        assert!(trial(End::Success, ONE).passed());
        assert!(!trial(End::Success, NONE).passed());
        assert!(!trial(End::Success, "").passed());
        assert!(!trial(End::Failure, ONE).passed());
        assert!(!trial(End::TimedOut, ONE).passed());
    }

    #[test]
    fn the_story_ends_where_names_are_only_repeated() {
        let output = "running 1 test\ntest a ... \npanicked\nFAILED\n\nfailures:\n\nfailures:\n    a\n\ntest result: FAILED.";
        assert_eq!(trial(End::Failure, output).story(), "running 1 test\ntest a ... \npanicked\nFAILED");
    }

    #[test]
    fn nobody_is_sent_into_a_backtrace() {
        let output = "panicked\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\nFAILED\n";
        assert_eq!(trial(End::Failure, output).story(), "panicked\nFAILED");
    }

    #[test]
    fn a_loop_that_prints_is_cut_short() {
        let output: String = (0..10_000).map(|number| format!("line {number}\n")).collect();
        let story = trial(End::Failure, &output).story();
        assert_eq!(story.lines().count(), 201);
        assert!(story.starts_with("line 0\n") && story.ends_with("line 9999"), "{story}");
        assert!(story.contains("line 99\n… 9800 lines left out …\nline 9900\n"), "{story}");
    }

    #[test]
    fn a_hang_names_the_test_and_the_causes() {
        let said = trial(End::TimedOut, "running 1 test\ntest spec::drains ... ").hang(LIMIT).unwrap();
        for part in
            ["after 10 s in the test `spec::drains`", "lock held across", "sender", "wake", "busy loop"]
        {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(trial(End::Failure, ONE).hang(LIMIT), None);
    }

    #[test]
    fn what_the_learner_is_told() {
        let reason = |end: End, output: &str| match trial(end, output).checked(LIMIT) {
            Checked::Failed { reason, .. } => reason,
            other => format!("{other:?}"),
        };
        let three = "test result: FAILED. 1 passed; 3 failed; 0 ignored; 0 measured\n";
        assert_eq!(reason(End::Failure, three), "3 of 4 tests failed");
        assert!(reason(End::Failure, "").contains("exited before"));
        assert!(reason(End::TimedOut, "").contains("killed after 10 s"));
        assert_eq!(reason(End::Stopped, ""), "Stopped");
        assert!(reason(End::Success, ONE).starts_with("Passed { tests: \"1 test\""));
    }
}
