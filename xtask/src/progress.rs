//! `.course/progress.txt`: what the learner has solved and how many hints were read, one line an exercise:
//!
//! ```text
//! 11.1 solved spec=cbf29ce484222325 hints=2
//! 11.2 hints=1
//! ```
//!
//! Lines that this version does not understand are kept. Two such files can be merged by putting one after the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::course::ExerciseId;
use crate::text;

const FILE: &str = ".course/progress.txt";
const TITLE: &str =
    "# What is solved, one line an exercise. Two of these files merge by putting one after the other.";

/// A number that changes when the tests of an exercise change (FNV-1a, 64 bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecHash(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Solved,
    /// Solved, but the tests have changed since.
    VerifyAgain,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    solved: Option<SpecHash>,
    hints: u8,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    entries: BTreeMap<ExerciseId, Entry>,
    /// Lines that are not ours, as they were read.
    kept: Vec<String>,
}

impl SpecHash {
    pub fn of(spec: &str) -> SpecHash {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        SpecHash(text::normalised(spec).bytes().fold(0xcbf2_9ce4_8422_2325, step))
    }
}

impl Progress {
    /// The file may be missing: nothing is solved then.
    pub fn load(root: &Path) -> Result<Progress> {
        let path = path(root);
        if !path.exists() {
            return Ok(Progress::default());
        }
        Ok(Progress::parse(&text::read(&path)?))
    }

    pub fn save(&self, root: &Path) -> Result<()> {
        text::write(&path(root), &self.render())
    }

    pub fn parse(file: &str) -> Progress {
        let mut progress = Progress::default();
        for line in file.lines().filter(|line| !line.trim().is_empty() && *line != TITLE) {
            match parse_line(line) {
                Some((id, read)) => progress.merge(id, read),
                None => progress.kept.push(line.to_owned()),
            }
        }
        progress
    }

    pub fn render(&self) -> String {
        let mut lines = vec![TITLE.to_owned()];
        lines.extend(self.kept.iter().cloned());
        for (id, entry) in &self.entries {
            let solved = entry.solved.map(|hash| format!(" solved spec={:016x}", hash.0));
            let hints = (entry.hints > 0).then(|| format!(" hints={}", entry.hints));
            lines.push(format!("{id}{}{}", solved.unwrap_or_default(), hints.unwrap_or_default()));
        }
        lines.join("\n") + "\n"
    }

    pub fn state(&self, id: ExerciseId, spec: SpecHash) -> State {
        match self.entries.get(&id).and_then(|entry| entry.solved) {
            None => State::Open,
            Some(hash) if hash == spec => State::Solved,
            Some(_) => State::VerifyAgain,
        }
    }

    pub fn hints(&self, id: ExerciseId) -> u8 {
        self.entries.get(&id).map_or(0, |entry| entry.hints)
    }

    pub fn solved(&mut self, id: ExerciseId, spec: SpecHash) {
        self.entries.entry(id).or_default().solved = Some(spec);
    }

    /// One more hint has been read; returns how many that makes, at most 3.
    pub fn read_hint(&mut self, id: ExerciseId) -> u8 {
        let entry = self.entries.entry(id).or_default();
        entry.hints = (entry.hints + 1).min(3);
        entry.hints
    }

    /// The exercise is to be solved anew; the hints read stay read.
    pub fn reopen(&mut self, id: ExerciseId) {
        self.entries.entry(id).or_default().solved = None;
    }

    /// Two lines on one exercise are what a merge leaves: the later result counts, and the larger number of hints.
    fn merge(&mut self, id: ExerciseId, read: Entry) {
        let entry = self.entries.entry(id).or_default();
        entry.solved = read.solved.or(entry.solved);
        entry.hints = entry.hints.max(read.hints);
    }
}

fn path(root: &Path) -> PathBuf {
    root.join(FILE)
}

/// `None` for whatever is not entirely understood.
fn parse_line(line: &str) -> Option<(ExerciseId, Entry)> {
    let mut words = line.split_whitespace();
    let id = words.next()?.parse().ok()?;
    let (mut solved, mut spec, mut hints) = (false, None, 0);
    for word in words {
        match word.split_once('=') {
            None if word == "solved" => solved = true,
            Some(("spec", hash)) => spec = Some(SpecHash(u64::from_str_radix(hash, 16).ok()?)),
            Some(("hints", number)) => hints = number.parse().ok().filter(|&number: &u8| number <= 3)?,
            _ => return None,
        }
    }
    // Solved with unknown tests: the hash of no file, so that it is asked to be verified again.
    let solved = solved.then(|| spec.unwrap_or(SpecHash(0)));
    Some((id, Entry { solved, hints }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ExerciseId {
        text.parse().unwrap()
    }

    #[test]
    fn the_hash_is_fnv_1a_and_does_not_see_line_ends() {
        assert_eq!(SpecHash::of(""), SpecHash(0xcbf2_9ce4_8422_2325));
        assert_eq!(SpecHash::of("foobar"), SpecHash(0x8594_4171_f739_67e8));
        assert_eq!(SpecHash::of("a\r\nb"), SpecHash::of("a\nb"));
    }

    #[test]
    fn a_changed_spec_asks_to_verify_again_and_drops_nothing() {
        let mut progress = Progress::default();
        progress.solved(id("11.1"), SpecHash::of("old"));
        assert_eq!(progress.state(id("11.1"), SpecHash::of("old")), State::Solved);
        assert_eq!(progress.state(id("11.1"), SpecHash::of("new")), State::VerifyAgain);
        assert_eq!(progress.state(id("11.2"), SpecHash::of("new")), State::Open);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut progress = Progress::default();
        progress.solved(id("11.10"), SpecHash(0xab));
        assert_eq!(progress.read_hint(id("11.2")), 1);
        let expected = format!("{TITLE}\n11.2 hints=1\n11.10 solved spec=00000000000000ab\n");
        assert_eq!(progress.render(), expected);
        assert_eq!(Progress::parse(&expected), progress);
    }

    #[test]
    fn unknown_lines_are_kept() {
        let file = "<<<<<<< mine\n11.1 solved spec=ab stars=5\n11.2 hints=9\nremember the milk\n";
        assert_eq!(Progress::parse(file).render(), format!("{TITLE}\n{file}"));
    }

    #[test]
    fn one_file_after_the_other_is_a_merge() {
        let merged =
            Progress::parse("11.1 solved spec=ab hints=1\n11.2 hints=3\n11.1 hints=2\n11.2 solved\n");
        assert_eq!(merged.state(id("11.1"), SpecHash(0xab)), State::Solved);
        assert_eq!((merged.hints(id("11.1")), merged.hints(id("11.2"))), (2, 3));
        assert_eq!(merged.state(id("11.2"), SpecHash(0xab)), State::VerifyAgain);
    }

    #[test]
    fn there_are_three_hints() {
        let mut progress = Progress::default();
        let read: Vec<u8> = (0..4).map(|_| progress.read_hint(id("11.1"))).collect();
        assert_eq!(read, [1, 2, 3, 3]);
    }

    #[test]
    fn reopened_is_open_with_its_hints() {
        let mut progress = Progress::parse("11.1 solved spec=ab hints=2\n");
        progress.reopen(id("11.1"));
        assert_eq!(progress.state(id("11.1"), SpecHash(0xab)), State::Open);
        assert_eq!(progress.hints(id("11.1")), 2);
    }

    #[test]
    fn no_file_is_no_progress() {
        let root = tempfile::tempdir().unwrap();
        let mut progress = Progress::load(root.path()).unwrap();
        assert_eq!(progress, Progress::default());
        progress.solved(id("11.1"), SpecHash(1));
        progress.save(root.path()).unwrap();
        assert_eq!(Progress::load(root.path()).unwrap(), progress);
    }
}
