//! `.course/progress.txt`: what the learner has solved and how many hints were read, one line an exercise:
//!
//! ```text
//! 11.1 solved spec=cbf29ce484222325 file=85944171f73967e8 hints=2
//! 11.2 hints=1 asked
//! ```
//!
//! Lines that this version does not understand are kept. Two such files can be merged by putting one after the other. Commands
//! that run at the same time lose nothing: each changes the file under a lock.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};

use crate::course::ExerciseId;
use crate::text;

/// The learner's folder, from the root.
pub const FOLDER: &str = ".course";
const FILE: &str = "progress.txt";
const TITLE: &str =
    "# What is solved, one line an exercise. Two of these files merge by putting one after the other.";

/// A number that changes when a text changes (FNV-1a, 64 bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentHash(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Solved,
    /// Solved, but the tests have changed since.
    TestsChanged,
    /// Solved, but the learner's file has changed since.
    FileChanged,
}

/// What was solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Solved {
    spec: ContentHash,
    /// `None` where an older version of the course wrote the line.
    file: Option<ContentHash>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    solved: Option<Solved>,
    hints: u8,
    /// Whether the solution was asked for.
    asked: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    entries: BTreeMap<ExerciseId, Entry>,
    /// Lines that are not ours, as they were read.
    kept: Vec<String>,
}

impl ContentHash {
    pub fn of(text: &str) -> ContentHash {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        ContentHash(text::normalised(text).bytes().fold(0xcbf2_9ce4_8422_2325, step))
    }
}

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Progress {
    /// The file may be missing: nothing is solved then.
    pub fn load(root: &Path) -> Result<Progress> {
        let path = root.join(FOLDER).join(FILE);
        if !path.exists() {
            return Ok(Progress::default());
        }
        Ok(Progress::parse(&text::read(&path)?))
    }

    /// Changes the file as it is now, under a lock. A reader, and a full disk, see either the old file or the new one.
    pub fn update<T>(root: &Path, change: impl FnOnce(&mut Progress) -> T) -> Result<(Progress, T)> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {FOLDER}"))?;
        let lock =
            File::create(folder.join("lock")).with_context(|| format!("cannot write {FOLDER}/lock"))?;
        lock.lock().with_context(|| format!("cannot lock {FOLDER}/lock"))?;
        let mut progress = Progress::load(root)?;
        let result = change(&mut progress);
        let new = folder.join("progress.new");
        text::write(&new, &progress.render())?;
        fs::rename(&new, folder.join(FILE)).with_context(|| format!("cannot write {FOLDER}/{FILE}"))?;
        Ok((progress, result))
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
        for (id, entry) in self.entries.iter().filter(|(_, entry)| **entry != Entry::default()) {
            let mut line = id.to_string();
            if let Some(solved) = entry.solved {
                line += &format!(" solved spec={}", solved.spec);
                line += &solved.file.map(|file| format!(" file={file}")).unwrap_or_default();
            }
            if entry.hints > 0 {
                line += &format!(" hints={}", entry.hints);
            }
            if entry.asked {
                line += " asked";
            }
            lines.push(line);
        }
        lines.join("\n") + "\n"
    }

    pub fn state(&self, id: ExerciseId, spec: ContentHash, file: ContentHash) -> State {
        match self.entries.get(&id).and_then(|entry| entry.solved) {
            None => State::Open,
            Some(solved) if solved.spec != spec => State::TestsChanged,
            Some(solved) if solved.file.is_some_and(|then| then != file) => State::FileChanged,
            Some(_) => State::Solved,
        }
    }

    pub fn is_solved(&self, id: ExerciseId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.solved.is_some())
    }

    pub fn hints(&self, id: ExerciseId) -> u8 {
        self.entries.get(&id).map_or(0, |entry| entry.hints)
    }

    pub fn solved(&mut self, id: ExerciseId, spec: ContentHash, file: ContentHash) {
        self.entries.entry(id).or_default().solved = Some(Solved { spec, file: Some(file) });
    }

    /// One more hint has been read; returns how many that makes, at most 3.
    pub fn read_hint(&mut self, id: ExerciseId) -> u8 {
        let entry = self.entries.entry(id).or_default();
        entry.hints = (entry.hints + 1).min(3);
        entry.hints
    }

    /// The solution is asked for; returns whether it was before.
    pub fn ask(&mut self, id: ExerciseId) -> bool {
        std::mem::replace(&mut self.entries.entry(id).or_default().asked, true)
    }

    /// The exercise is open again; the hints read stay read.
    pub fn reopen(&mut self, id: ExerciseId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.solved = None;
        }
    }

    /// A merge leaves two lines for one exercise: the later result counts, and the larger number of hints.
    fn merge(&mut self, id: ExerciseId, read: Entry) {
        let entry = self.entries.entry(id).or_default();
        entry.solved = read.solved.or(entry.solved);
        entry.hints = entry.hints.max(read.hints);
        entry.asked |= read.asked;
    }
}

/// `None` for whatever is not entirely understood.
fn parse_line(line: &str) -> Option<(ExerciseId, Entry)> {
    let mut words = line.split_whitespace();
    let id = words.next()?.parse().ok()?;
    let hash = |text| u64::from_str_radix(text, 16).ok().map(ContentHash);
    let (mut entry, mut solved, mut spec, mut file) = (Entry::default(), false, None, None);
    for word in words {
        match word.split_once('=') {
            None if word == "solved" => solved = true,
            None if word == "asked" => entry.asked = true,
            Some(("spec", text)) => spec = Some(hash(text)?),
            Some(("file", text)) => file = Some(hash(text)?),
            Some(("hints", number)) => entry.hints = number.parse().ok().filter(|&hints: &u8| hints <= 3)?,
            _ => return None,
        }
    }
    // Solved with unknown tests: the hash of no file, so that it must be run again.
    entry.solved = solved.then(|| Solved { spec: spec.unwrap_or(ContentHash(0)), file });
    Some((id, entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ExerciseId {
        text.parse().unwrap()
    }

    #[test]
    fn the_hash_is_fnv_1a_and_does_not_see_line_ends() {
        assert_eq!(ContentHash::of(""), ContentHash(0xcbf2_9ce4_8422_2325));
        assert_eq!(ContentHash::of("foobar"), ContentHash(0x8594_4171_f739_67e8));
        assert_eq!(ContentHash::of("a\r\nb"), ContentHash::of("a\nb"));
    }

    #[test]
    fn what_changed_since_it_was_solved_is_told_apart() {
        let mut progress = Progress::default();
        let state = |progress: &Progress, id, spec, file| {
            progress.state(id, ContentHash::of(spec), ContentHash::of(file))
        };
        progress.solved(id("11.1"), ContentHash::of("tests"), ContentHash::of("mine"));
        assert_eq!(state(&progress, id("11.1"), "tests", "mine"), State::Solved);
        assert_eq!(state(&progress, id("11.1"), "new tests", "mine"), State::TestsChanged);
        assert_eq!(state(&progress, id("11.1"), "tests", "broken again"), State::FileChanged);
        assert_eq!(state(&progress, id("11.2"), "tests", "mine"), State::Open);
        let older = Progress::parse(&format!("11.1 solved spec={}\n", ContentHash::of("tests")));
        assert_eq!(state(&older, id("11.1"), "tests", "whatever it was"), State::Solved);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut progress = Progress::default();
        progress.solved(id("11.10"), ContentHash(0xab), ContentHash(0xcd));
        assert_eq!(progress.read_hint(id("11.2")), 1);
        assert!(!progress.ask(id("11.2")) && progress.ask(id("11.2")));
        let expected = format!(
            "{TITLE}\n11.2 hints=1 asked\n11.10 solved spec=00000000000000ab file=00000000000000cd\n"
        );
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
        assert_eq!(merged.state(id("11.1"), ContentHash(0xab), ContentHash(0)), State::Solved);
        assert_eq!((merged.hints(id("11.1")), merged.hints(id("11.2"))), (2, 3));
        assert_eq!(merged.state(id("11.2"), ContentHash(0xab), ContentHash(0)), State::TestsChanged);
    }

    #[test]
    fn there_are_three_hints() {
        let mut progress = Progress::default();
        let read: Vec<u8> = (0..4).map(|_| progress.read_hint(id("11.1"))).collect();
        assert_eq!(read, [1, 2, 3, 3]);
    }

    #[test]
    fn reopened_is_open_with_its_hints() {
        let mut progress = Progress::parse("11.1 solved spec=ab hints=2\n11.2 solved spec=ab\n");
        progress.reopen(id("11.2"));
        assert!(!progress.render().contains("11.2"), "nothing is left to say");
        progress.reopen(id("11.1"));
        assert_eq!(progress.state(id("11.1"), ContentHash(0xab), ContentHash(0)), State::Open);
        assert_eq!(progress.hints(id("11.1")), 2);
    }

    #[test]
    fn no_file_is_no_progress() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Progress::load(root.path()).unwrap(), Progress::default());
        let solve = |progress: &mut Progress| progress.solved(id("11.1"), ContentHash(1), ContentHash(2));
        let (progress, ()) = Progress::update(root.path(), solve).unwrap();
        assert_eq!(Progress::load(root.path()).unwrap(), progress);
    }

    #[test]
    fn updates_at_the_same_time_lose_nothing() {
        let root = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for number in 1..=16 {
                let root = root.path();
                scope.spawn(move || {
                    let id = ExerciseId { lesson: 11, number };
                    Progress::update(root, |progress| progress.solved(id, ContentHash(1), ContentHash(2)))
                        .unwrap();
                });
            }
        });
        assert_eq!(Progress::load(root.path()).unwrap().entries.len(), 16);
    }
}
