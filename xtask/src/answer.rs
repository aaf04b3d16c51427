//! Reads an answer to an exercise that is not its solution: `answers/plausible/NAME.rs`, which must fail, and
//! `answers/alternatives/NAME.rs`, which must pass. Does not touch the disk.
//!
//! Such a file holds only what differs from the solution: the text of its region. Its doc comment says why it is wrong, or why
//! it is right too.
//!
//! ```text
//! //! Sorts the receipts by id. That is not the order of the outbox.
//! //~ fails with: the receipts, in the order of the outbox
//! the text of the region
//! ```
//!
//! A plausible answer that the compiler rejects has `//~ does not compile: TEXT` instead. Where the solution has several
//! regions, each begins with `//~ region`, and `//~ region as solved` takes the solution's.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail, ensure};

use crate::carve::Carved;

/// Which way an answer must go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Looks right, and must fail.
    Plausible,
    /// Differs from the solution, and must pass.
    Alternative,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passes,
    /// Its tests fail, and the output contains this.
    Fails(String),
    /// The compiler's message contains this.
    DoesNotCompile(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub kind: Kind,
    /// The file's name without its end: `sorted_by_id`.
    pub name: String,
    /// What is wrong with it, or why it is right.
    pub reason: String,
    pub outcome: Outcome,
    regions: Vec<Option<String>>,
}

const FAILS_WITH: &str = "//~ fails with: ";
const DOES_NOT_COMPILE: &str = "//~ does not compile: ";
const REGION: &str = "//~ region";
const AS_SOLVED: &str = "//~ region as solved";

impl Kind {
    /// The folder below `answers/`.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Plausible => "plausible",
            Kind::Alternative => "alternatives",
        }
    }

    /// What its modules begin with.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Plausible => "plausible",
            Kind::Alternative => "alternative",
        }
    }

    /// `EXERCISE/answers/plausible/NAME.rs`.
    pub fn file(self, exercise: &Path, name: &str) -> PathBuf {
        exercise.join("answers").join(self.folder()).join(name).with_extension("rs")
    }
}

impl Answer {
    pub fn parse(kind: Kind, name: &str, text: &str) -> Result<Answer> {
        let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        ensure!(
            is_name && name.starts_with(|c: char| c.is_ascii_lowercase()),
            "name it like a module: a_z_0_9"
        );
        let (mut reason, mut outcome) = (Vec::new(), Outcome::Passes);
        let mut regions: Vec<Option<String>> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let marker = line.trim();
            if let Some(said) = line.strip_prefix("//!") {
                reason.push(said.trim());
            } else if let Some(said) = marker.strip_prefix(FAILS_WITH) {
                outcome = Outcome::Fails(said.to_owned());
            } else if let Some(said) = marker.strip_prefix(DOES_NOT_COMPILE) {
                outcome = Outcome::DoesNotCompile(said.to_owned());
            } else if marker == AS_SOLVED {
                regions.push(None);
            } else if marker == REGION {
                regions.push(Some(String::new()));
            } else if marker.starts_with("//~") {
                bail!("{number}: unknown marker `{marker}`: see xtask/src/answer.rs");
            } else if let Some(region) = regions.last_mut() {
                let region = region.as_mut().ok_or_else(|| anyhow!("{number}: this region is as solved"));
                region.map(|region| *region += &format!("{line}\n"))?;
            } else if !marker.is_empty() {
                regions.push(Some(format!("{line}\n")));
            }
        }
        ensure!(
            !reason.concat().is_empty(),
            "1: the first line says, behind `//!`, why it is wrong or right"
        );
        match (kind, &outcome) {
            (Kind::Plausible, Outcome::Passes) => bail!("2: the line `{FAILS_WITH}TEXT` is missing"),
            (Kind::Alternative, Outcome::Fails(_) | Outcome::DoesNotCompile(_)) => {
                bail!("2: it must pass, so it fails with nothing")
            }
            _ => {}
        }
        Ok(Answer { kind, name: name.to_owned(), reason: reason.join(" "), outcome, regions })
    }

    /// What it puts into the regions, for a reader.
    pub fn text(&self) -> String {
        self.regions.iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// The whole file, as a learner would have written it.
    pub fn source(&self, carved: &Carved) -> Result<String> {
        let (given, needed) = (self.regions.len(), carved.regions());
        ensure!(given == needed, "has {given} regions, and the solution has {needed}");
        let source = carved.with(&self.regions);
        ensure!(source != carved.solution(), "is the solution itself");
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "//! Doubles.\n//~ begin\nn * 2\n//~ starter\n//~| n\n//~ end\n";

    fn refused(kind: Kind, name: &str, text: &str) -> String {
        Answer::parse(kind, name, text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_of_a_few_lines_is_an_answer() {
        let text = "//! Adds two,\n//! which is not twice.\n//~ fails with: 3 is not 2\n\nn + 2\n";
        let answer = Answer::parse(Kind::Plausible, "adds_two", text).unwrap();
        assert_eq!(answer.reason, "Adds two, which is not twice.");
        assert_eq!(answer.outcome, Outcome::Fails("3 is not 2".to_owned()));
        let carved = Carved::parse(SOLUTION).unwrap();
        assert_eq!(answer.source(&carved).unwrap(), "//! Doubles.\nn + 2\n");
    }

    #[test]
    fn several_regions_are_filled_in_order() {
        let text = "//! Why.\n//~ region as solved\n//~ region\n\nx\n";
        let answer = Answer::parse(Kind::Alternative, "other", text).unwrap();
        let carved = Carved::parse(&SOLUTION.repeat(2)).unwrap();
        assert_eq!(answer.source(&carved).unwrap(), "//! Doubles.\nn * 2\n//! Doubles.\n\nx\n");
        let one = Carved::parse(SOLUTION).unwrap();
        assert_eq!(answer.source(&one).unwrap_err().to_string(), "has 2 regions, and the solution has 1");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(refused(Kind::Plausible, "a", "//! Why.\nx\n").contains("`//~ fails with: TEXT` is missing"));
        assert!(refused(Kind::Alternative, "a", "//! Why.\n//~ fails with: x\n").contains("must pass"));
        assert!(refused(Kind::Alternative, "a", "x\n").contains("why it is wrong or right"));
        assert!(
            refused(Kind::Alternative, "a", "//! Why.\n//~ begin\n")
                .contains("2: unknown marker `//~ begin`")
        );
        assert!(refused(Kind::Alternative, "a-b", "//! Why.\nx\n").contains("name it like a module"));
        let same = Answer::parse(Kind::Alternative, "a", "//! Why.\nn * 2\n").unwrap();
        assert!(same.source(&Carved::parse(SOLUTION).unwrap()).unwrap_err().to_string().contains("itself"));
    }
}
