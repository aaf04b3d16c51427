//! How a step is run and counted. Its output passes through as it comes, so that a long build shows life.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::ops::AddAssign;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::cargo;
use crate::libtest::Tally;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Count {
    pub const PASSED: Count = Count { passed: 1, failed: 0, skipped: 0 };
    pub const FAILED: Count = Count { passed: 0, failed: 1, skipped: 0 };
    pub const SKIPPED: Count = Count { passed: 0, failed: 0, skipped: 1 };

    /// For the line of one step; the sum of all is the only line that says `passed` and `failed`.
    pub(super) fn brief(&self) -> String {
        match (self.failed, self.passed + self.failed) {
            (0, 0) => "skipped".to_owned(),
            (0, 1) => "ok".to_owned(),
            (1, 1) => "not ok".to_owned(),
            (0, all) => format!("{all} ok"),
            (failed, all) => format!("{failed} of {all} not ok"),
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

/// One cargo command is one check.
pub(super) fn cargo(root: &Path, arguments: &[&str]) -> Result<Count> {
    let status = cargo::command(root).args(arguments).status().context("cannot start cargo")?;
    Ok(if status.success() { Count::PASSED } else { Count::FAILED })
}

/// A cargo command that runs tests counts as its tests.
pub(super) fn cargo_tests(root: &Path, arguments: &[&str]) -> Result<Count> {
    let mut child =
        cargo::command(root).args(arguments).stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        if let Some(result) = Tally::of_line(&String::from_utf8_lossy(&line)) {
            tally += result;
        }
        line.clear();
    }
    Ok(counted(tally, child.wait()?.success()))
}

/// Cargo fails without a failed test when something does not compile or a test program crashes: that is one failure.
fn counted(tally: Tally, success: bool) -> Count {
    let unexplained = usize::from(!success && tally.failed == 0);
    Count { passed: tally.passed, failed: tally.failed + unexplained, skipped: tally.ignored }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line() {
        assert_eq!(Count { passed: 12, failed: 0, skipped: 0 }.to_string(), "12 passed, 0 failed");
        assert_eq!(Count { passed: 12, failed: 1, skipped: 2 }.to_string(), "12 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn the_line_of_a_step() {
        let brief = |passed, failed, skipped| Count { passed, failed, skipped }.brief();
        assert_eq!(brief(12, 0, 1), "12 ok");
        assert_eq!(brief(12, 1, 0), "1 of 13 not ok");
        assert_eq!(brief(1, 0, 0), "ok");
        assert_eq!(brief(0, 1, 0), "not ok");
        assert_eq!(brief(0, 0, 1), "skipped");
    }

    #[test]
    fn a_failure_is_never_lost() {
        let tally = Tally { passed: 3, failed: 0, ignored: 1 };
        assert_eq!(counted(tally, true), Count { passed: 3, failed: 0, skipped: 1 });
        assert_eq!(counted(tally, false), Count { passed: 3, failed: 1, skipped: 1 });
        assert_eq!(counted(Tally { failed: 2, ..tally }, false).failed, 2);
    }
}
