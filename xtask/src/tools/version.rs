//! Versions, to compare what is installed with what is needed.

use std::fmt;
use std::path::Path;
use std::process::Command;

/// `1.59.0`; missing parts are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u32; 3]);

impl Version {
    /// The first word that is a version: of `mdbook v0.5.4` and of `postgres (PostgreSQL) 15.6 (Debian 15.6-0)`.
    pub(super) fn parse(text: &str) -> Option<Version> {
        text.split_whitespace().find_map(|word| Version::of_word(word.trim_start_matches('v')))
    }

    fn of_word(word: &str) -> Option<Version> {
        let mut parts = [0; 3];
        let numbers: Vec<&str> = word.split('.').collect();
        for (part, number) in parts.iter_mut().zip(&numbers) {
            *part = number.parse().ok()?;
        }
        (numbers.len() <= 3).then_some(Version(parts))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// What the program answers to `--version`.
pub(super) fn of_program(program: &Path) -> Option<Version> {
    let output =
        Command::new(program).arg("--version").output().ok().filter(|output| output.status.success())?;
    Version::parse(&String::from_utf8_lossy(&output.stdout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        let version = |text: &str| Version::parse(text).map(|version| version.to_string());
        assert_eq!(version("just 1.59.0\n").unwrap(), "1.59.0");
        assert_eq!(version("mdbook v0.5.4").unwrap(), "0.5.4");
        assert_eq!(version("postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)").unwrap(), "15.6.0");
        assert_eq!(version("no version here"), None);
    }

    #[test]
    fn newer_is_greater() {
        assert!(Version::parse("1.10.0") > Version::parse("1.9.9"));
        assert!(Version::parse("18") > Version::parse("9.6"));
    }
}
