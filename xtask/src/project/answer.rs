//! Reads an answer to a milestone that is not the reference: `answers/plausible/3_NAME.rs`, which must fail milestone 3, and
//! `answers/alternatives/1234_NAME.rs`, which must pass milestones 1 to 4. Does not touch the disk.
//!
//! It is the reference with some text replaced, or with a file of its own:
//!
//! ```text
//! //! Marks first and publishes afterwards: what is killed in between is lost.
//! //~ fails with: was marked as sent, and the broker has not answered yet
//! //~ in relay.rs
//! //~ instead of
//! lines of the reference, which has them once
//! //~ write
//! other lines
//! ```
//!
//! `//~ write` without `//~ instead of` replaces the whole file.

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::{Files, Source};
use crate::answer::{Kind, Outcome};
use crate::course::ExerciseId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What its modules are called: `plausible_marks_first`.
    pub name: String,
    pub milestones: Vec<ExerciseId>,
    pub outcome: Outcome,
    changes: Vec<Change>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Change {
    file: String,
    /// `None` is the whole file.
    old: Option<String>,
    new: String,
}

/// Which lines come next.
enum Place {
    Head,
    Old,
    New,
}

impl Answer {
    /// `name` is the file's name without its end: `3_spawns_first`.
    pub fn parse(kind: Kind, name: &str, text: &str) -> Result<Answer> {
        let (numbers, name) = name.split_once('_').context("name it 3_NAME: the milestone comes first")?;
        let milestone = |digit: char| digit.to_digit(10).filter(|digit| *digit > 0);
        let milestones: Option<Vec<u32>> = numbers.chars().map(milestone).collect();
        let milestones = milestones.filter(|numbers| !numbers.is_empty());
        let milestones = milestones.context("name it 3_NAME: the milestone comes first")?;
        ensure!(text.starts_with("//! "), "1: the first line says, behind `//!`, why it is wrong or right");
        let (mut outcome, mut file, mut place) = (Outcome::Passes, None, Place::Head);
        let mut changes: Vec<Change> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(said) = line.strip_prefix("//~ fails with: ") {
                outcome = Outcome::Fails(said.to_owned());
            } else if let Some(named) = line.strip_prefix("//~ in ") {
                (file, place) = (Some(named.to_owned()), Place::Head);
            } else if line == "//~ instead of" || (line == "//~ write" && !matches!(place, Place::Old)) {
                let file = file.clone().ok_or_else(|| anyhow!("{number}: `//~ in FILE` is missing"))?;
                let is_whole = line == "//~ write";
                changes.push(Change { file, old: (!is_whole).then(String::new), new: String::new() });
                place = if is_whole { Place::New } else { Place::Old };
            } else if line == "//~ write" {
                place = Place::New;
            } else if line.starts_with("//~") {
                bail!("{number}: unknown marker `{line}`: see xtask/src/project/answer.rs");
            } else if let Some(change) = changes.last_mut() {
                let text = match place {
                    Place::Old => change.old.as_mut().unwrap_or(&mut change.new),
                    Place::New | Place::Head => &mut change.new,
                };
                *text += &format!("{line}\n");
            }
        }
        ensure!(!changes.is_empty(), "it changes nothing: `//~ in FILE`, `//~ instead of`, `//~ write`");
        match (kind, &outcome) {
            (Kind::Plausible, Outcome::Passes) => bail!("2: the line `//~ fails with: TEXT` is missing"),
            (Kind::Alternative, Outcome::Fails(_)) => bail!("2: it must pass, so it fails with nothing"),
            _ => {}
        }
        Ok(Answer {
            name: format!("{}_{name}", kind.word()),
            milestones: milestones.into_iter().map(ExerciseId::milestone).collect(),
            outcome,
            changes,
        })
    }

    /// The crate with this answer in it.
    pub fn files(&self, sources: &[Source]) -> Result<Files> {
        let mut files: Vec<_> =
            sources.iter().map(|source| (source.name.clone(), source.solution.clone())).collect();
        for Change { file, old, new } in &self.changes {
            let found = files.iter_mut().find(|(name, _)| name == file);
            let (_, text) = found.ok_or_else(|| anyhow!("the reference has no file {file}"))?;
            let Some(old) = old else {
                text.clone_from(new);
                continue;
            };
            let count = text.matches(old.as_str()).count();
            ensure!(count == 1, "{file} of the reference has these lines {count} times:\n{old}");
            *text = text.replace(old, new);
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "//! Too early.\n//~ fails with: early\n//~ in a.rs\n//~ instead of\n  1\n//~ write\n  2\n  3\n";

    fn source() -> Vec<Source> {
        let solution = "//! A.\n  1\n  4\n".to_owned();
        vec![Source { name: "a.rs".to_owned(), starter: String::new(), solution }]
    }

    fn refused(kind: Kind, name: &str, text: &str) -> String {
        let answer = Answer::parse(kind, name, text).and_then(|answer| answer.files(&source()));
        format!("{:#}", answer.unwrap_err())
    }

    #[test]
    fn lines_of_the_reference_are_replaced() {
        let answer = Answer::parse(Kind::Plausible, "3_early", TEXT).unwrap();
        assert_eq!(
            (answer.name.as_str(), &answer.milestones[..]),
            ("plausible_early", &[ExerciseId::milestone(3)][..])
        );
        assert_eq!(answer.outcome, Outcome::Fails("early".to_owned()));
        assert_eq!(
            answer.files(&source()).unwrap(),
            [("a.rs".to_owned(), "//! A.\n  2\n  3\n  4\n".to_owned())]
        );
    }

    #[test]
    fn a_whole_file_is_replaced() {
        let answer =
            Answer::parse(Kind::Alternative, "12_mine", "//! Mine.\n//~ in a.rs\n//~ write\n//! B.\n")
                .unwrap();
        assert_eq!(answer.milestones, [1, 2].map(ExerciseId::milestone));
        assert_eq!(answer.files(&source()).unwrap(), [("a.rs".to_owned(), "//! B.\n".to_owned())]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let plausible = |text: &str| refused(Kind::Plausible, "3_early", text);
        assert!(refused(Kind::Plausible, "early", TEXT).contains("the milestone comes first"));
        assert!(refused(Kind::Alternative, "3_early", TEXT).contains("it must pass"));
        assert!(
            plausible(&TEXT.replace("//~ fails with: early\n", ""))
                .contains("`//~ fails with: TEXT` is missing")
        );
        assert!(plausible(&TEXT.replace("//~ in a.rs\n", "")).contains("3: `//~ in FILE` is missing"));
        assert!(plausible(&TEXT.replace("a.rs", "b.rs")).contains("no file b.rs"));
        assert!(plausible(&TEXT.replace("  1\n", "  9\n")).contains("has these lines 0 times"));
        assert!(plausible(&TEXT.replace("//~ write", "//~ wrote")).contains("unknown marker"));
    }
}
