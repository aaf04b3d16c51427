//! Reads what Rust's test programs print. Knows nothing of who runs them.

use std::ops::AddAssign;

/// What `test result:` lines say, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub ignored: usize,
}

impl Tally {
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`; `None` for any other line. Colours do not matter.
    pub fn of_line(line: &str) -> Option<Tally> {
        let line = without_colours(line);
        let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |name: &str| {
            let part = counts.split(';').find(|part| part.trim().ends_with(name))?;
            part.trim().split(' ').next()?.parse().ok()
        };
        Some(Tally { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
    }

    pub fn of_output(output: &str) -> Tally {
        let mut tally = Tally::default();
        output.lines().filter_map(Tally::of_line).for_each(|line| tally += line);
        tally
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// The test that has begun and not ended: with one thread, libtest prints `test NAME ... ` before it runs it.
pub fn unfinished(output: &str) -> Option<&str> {
    let begun = output.rfind("test ").filter(|&at| at == 0 || output[..at].ends_with('\n'))?;
    let (name, result) = output[begun + "test ".len()..].split_once(" ... ")?;
    let ended = result.lines().any(|line| ["ok", "FAILED", "ignored"].contains(&line.trim()));
    (!ended && !name.contains(' ')).then_some(name)
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted() {
        let output = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: \x1b[31mFAILED\x1b[0m. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Tally::of_output(output), Tally { passed: 5, failed: 2, ignored: 1 });
    }

    #[test]
    fn other_lines_are_no_results() {
        assert_eq!(Tally::of_line("test result is what we want"), None);
        assert_eq!(Tally::of_line("test a ... ok"), None);
    }

    #[test]
    fn the_test_that_hangs_is_known() {
        assert_eq!(unfinished("running 2 tests\ntest a ... ok\ntest b::c ... "), Some("b::c"));
        assert_eq!(unfinished("test b ... printed\nmore\n"), Some("b"));
        assert_eq!(unfinished("test a ... ok\n"), None);
        assert_eq!(unfinished(""), None);
    }
}
