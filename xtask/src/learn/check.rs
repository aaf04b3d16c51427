//! Builds a test program of the learner's, runs it under its limit, and says what came of it. Prints nothing but what cargo
//! shows, and records nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cargo::{self, Built, Diagnostics, Executable};
use crate::clock;
use crate::course::Exercise;
use crate::learn::trial::{LIMIT, Trial};
use crate::progress::ContentHash;
use crate::text;

/// A test program of the learner's.
pub(super) struct Program {
    pub package: String,
    pub name: String,
    /// The files that cargo compiles first, for the library and for the test.
    pub roots: Vec<PathBuf>,
    /// What it is built from, but for what the course gives.
    pub content: ContentHash,
    /// Where it runs.
    pub folder: PathBuf,
    /// For how long, by wall time.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checked {
    Passed {
        /// `3 tests`.
        tests: String,
        elapsed: Duration,
    },
    Failed {
        /// What the tests printed; and the compiler's warnings, unless they went to the terminal.
        story: String,
        /// Why, in one line or, of a hang, several.
        reason: String,
    },
    /// What the compiler said.
    DoesNotCompile(String),
    /// Says nothing about the learner's code.
    NotBuilt {
        reason: &'static str,
        /// What cargo said, unless that went to the terminal.
        complaints: String,
    },
    /// Nobody wanted to know any more.
    Stopped,
}

/// How a check is made.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub diagnostics: Diagnostics<'a>,
    /// The width of the terminal that shows what came of it.
    pub columns: Option<u16>,
    /// Whether to go on; asked about twenty times a second, with the time that the tests have taken.
    pub go_on: &'a dyn Fn(Duration) -> bool,
}

/// What an exercise's files held when its check began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub spec: ContentHash,
    pub mine: ContentHash,
}

impl Seen {
    pub(super) fn of(root: &Path, exercise: &Exercise) -> Result<Seen> {
        let hash = |file: &Path| Ok::<_, anyhow::Error>(ContentHash::of(&text::read(file)?));
        Ok(Seen { spec: hash(&exercise.spec_file(root))?, mine: hash(&exercise.learner_file(root))? })
    }
}

impl Program {
    pub(super) fn of(root: &Path, exercise: &Exercise, seen: Seen) -> Program {
        let folder = root.join(&exercise.folder);
        Program {
            package: exercise.package(),
            name: "learner".to_owned(),
            roots: vec![folder.join("src/lib.rs"), folder.join("tests/learner.rs")],
            content: ContentHash::of(&format!("{} {}", seen.spec, seen.mine)),
            folder,
            limit: LIMIT,
        }
    }

    pub(super) fn check(&self, root: &Path, manner: Manner<'_>) -> Result<Checked> {
        let built = self.build(root, manner.diagnostics)?;
        if !(manner.go_on)(Duration::ZERO) {
            return Ok(Checked::Stopped);
        }
        let Some(executable) = self.executable(&built) else { return Ok(not_built(&built)) };
        let trial =
            Trial::run_while(&executable.path, &self.folder, manner.columns, self.limit, manner.go_on)?;
        let mut checked = trial.checked(self.limit);
        if let (Checked::Failed { story, .. }, Diagnostics::Told(..)) = (&mut checked, manner.diagnostics) {
            // A warning may be the reason, and nobody has seen it.
            built.all_said().for_each(|warning| *story += &format!("\n\n{}", warning.trim_end()));
        }
        Ok(checked)
    }

    /// Builds from what the files hold now. Cargo goes by their times, and takes a program for fresh when an older file was moved
    /// into place; so what each program was built from is kept beside it.
    fn build(&self, root: &Path, diagnostics: Diagnostics<'_>) -> Result<Built> {
        let build =
            || cargo::build_tests(root, std::slice::from_ref(&self.package), &[&self.name], diagnostics);
        let mut built = build()?;
        if self.executable(&built).is_some_and(|executable| is_stale(executable, self.content)) {
            for root in &self.roots {
                touch(root)?;
            }
            built = build()?;
        }
        if let Some(executable) = self.executable(&built) {
            text::update(&stamp(&executable.path), &self.content.to_string())?;
        }
        Ok(built)
    }

    fn executable<'a>(&self, built: &'a Built) -> Option<&'a Executable> {
        built.executable(&self.package, &self.name)
    }
}

fn is_stale(executable: &Executable, content: ContentHash) -> bool {
    executable.is_fresh
        && fs::read_to_string(stamp(&executable.path)).ok().is_none_or(|then| then != content.to_string())
}

fn stamp(executable: &Path) -> PathBuf {
    executable.with_extension("content")
}

fn touch(file: &Path) -> Result<()> {
    let touched = File::options().write(true).open(file).and_then(|file| file.set_modified(clock::now()));
    touched.with_context(|| format!("cannot touch {}", file.display()))
}

/// Why there is no test program. The code is not always to blame.
fn not_built(built: &Built) -> Checked {
    let complaints = built.complaints.join("\n");
    if built.all_said().next().is_none() {
        return Checked::NotBuilt { reason: "cargo could not build it, and says why above", complaints };
    }
    if built.all_said().any(|said| said.contains("No space left on device")) {
        return Checked::NotBuilt { reason: "the disk is full, so it could not be built", complaints };
    }
    Checked::DoesNotCompile(built.all_said().collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_built_is_not_always_the_learners_fault() {
        let reason = |built: &Built| match not_built(built) {
            Checked::NotBuilt { reason, .. } => Some(reason),
            _ => None,
        };
        let mut built = Built::default();
        assert!(reason(&built).unwrap().contains("says why above"));
        let target = ("a".to_owned(), "a".to_owned());
        built.diagnostics.insert(target.clone(), vec!["error: expected `;`".to_owned()]);
        assert_eq!(not_built(&built), Checked::DoesNotCompile("error: expected `;`".to_owned()));
        let full = "error: failed to write x: No space left on device (os error 28)".to_owned();
        built.diagnostics.insert(target, vec![full]);
        assert!(reason(&built).unwrap().contains("the disk is full"));
    }

    #[test]
    fn a_program_is_stale_when_its_sources_held_something_else() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("learner-1");
        let executable = |is_fresh| Executable { path: path.clone(), is_fresh };
        let content = ContentHash::of("mine");
        assert!(is_stale(&executable(true), content), "nobody knows what it was built from");
        text::write(&stamp(&path), &content.to_string()).unwrap();
        assert!(!is_stale(&executable(true), content));
        assert!(is_stale(&executable(true), ContentHash::of("an older file")));
        assert!(!is_stale(&executable(false), ContentHash::of("new")), "it has just been built");
    }
}
