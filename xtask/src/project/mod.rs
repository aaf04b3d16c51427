//! `exercises/project`: the project that the learner builds, its milestones from `milestones.toml`, and the files of its crate.
//! Runs nothing.
//!
//! The files in `answers/` are marked like the solution of an exercise (see `carve`): the learner's `src/` is carved out of them.

pub mod answer; // answers/plausible, answers/alternatives: what differs from the reference

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use serde::Deserialize;

use crate::carve::Carved;
use crate::course::ExerciseId;
use crate::progress::ContentHash;
use crate::text;

/// Where the project lies, from the workspace's root. The package has the same name.
pub const FOLDER: &str = "exercises/project";
pub const PACKAGE: &str = "project";
const FILE: &str = "exercises/project/milestones.toml";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    pub milestones: Vec<Milestone>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    pub id: ExerciseId,
    pub title: String,
    /// The lesson after which it can be reached.
    pub after: u32,
    /// How long its tests may take. They use virtual time, except where processes are killed.
    pub limit: Duration,
    /// Where the reference has what this milestone is about: `relay.rs`.
    pub file: String,
    /// What the output contains before anything is written.
    pub fails_with: String,
    pub hints: [String; 3],
}

/// Names and texts of the files of a crate.
pub type Files = Vec<(String, String)>;

/// A file of the crate, from `src/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `relay.rs`
    pub name: String,
    pub starter: String,
    pub solution: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProject {
    milestone: Vec<RawMilestone>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMilestone {
    title: String,
    after: u32,
    seconds: u64,
    file: String,
    fails_with: String,
    hints: Vec<String>,
}

impl Project {
    /// Without its file there is no project, as in a lesson that is laid out by itself.
    pub fn load(root: &Path) -> Result<Project> {
        if !root.join(FILE).exists() {
            return Ok(Project::default());
        }
        Project::parse(&text::read(&root.join(FILE))?)
    }

    pub fn parse(toml: &str) -> Result<Project> {
        let raw: RawProject = toml::from_str(toml).context(FILE)?;
        let milestones: Result<Vec<Milestone>> = (1..).zip(raw.milestone).map(checked).collect();
        Ok(Project { milestones: milestones.context(FILE)? })
    }

    pub fn milestone(&self, id: ExerciseId) -> Result<&Milestone> {
        let found = self.milestones.iter().find(|milestone| milestone.id == id);
        found.ok_or_else(|| anyhow!("there is no milestone {id}: there are {}", self.milestones.len()))
    }
}

fn checked((number, raw): (u32, RawMilestone)) -> Result<Milestone> {
    let given = raw.hints.len();
    let hints = <[String; 3]>::try_from(raw.hints);
    let is_filled = [&raw.title, &raw.file, &raw.fails_with].iter().all(|text| !text.trim().is_empty());
    ensure!(is_filled, "milestone {number}: title, file and fails_with are not empty");
    Ok(Milestone {
        id: ExerciseId::milestone(number),
        title: raw.title,
        after: raw.after,
        limit: Duration::from_secs(raw.seconds),
        file: raw.file,
        fails_with: raw.fails_with,
        hints: hints.map_err(|_| anyhow!("milestone {number}: hints: 3 are needed, {given} are given"))?,
    })
}

impl Milestone {
    /// The name of its test program.
    pub fn program(&self) -> String {
        format!("milestone-{}", self.id.number)
    }

    /// What points its tests at the learner's crate.
    pub fn test_file(&self, root: &Path) -> PathBuf {
        root.join(FOLDER).join(format!("tests/milestone_{}.rs", self.id.number))
    }

    /// Changes when its tests change.
    pub fn tests(&self, root: &Path) -> Result<ContentHash> {
        let test_file = text::read(&self.test_file(root))?;
        let folder = root.join(FOLDER).join("milestones");
        let own = format!("{}_", self.id.number);
        let mut texts = test_file.clone();
        for name in rust_files(&folder)? {
            let is_ours = name.starts_with(&own);
            let is_shared = name.split_once('/').is_some_and(|(shared, _)| test_file.contains(shared));
            if is_ours || is_shared {
                texts += &text::read(&folder.join(name))?;
            }
        }
        Ok(ContentHash::of(&texts))
    }
}

/// The folder with the learner's files.
pub fn learner(root: &Path) -> PathBuf {
    root.join(FOLDER).join("src")
}

/// Changes when the learner changes a file, or adds one.
pub fn learner_content(root: &Path) -> Result<ContentHash> {
    let mut all = String::new();
    for name in rust_files(&learner(root))? {
        all += &format!("{name}\0{}\0", text::read(&learner(root).join(&name))?);
    }
    Ok(ContentHash::of(&all))
}

/// The files of the crate, in the order of their names. Errors name file and line.
pub fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for name in rust_files(&root.join(FOLDER).join("answers"))? {
        if name.contains('/') {
            continue; // plausible/ and alternatives/
        }
        let marked = text::read(&root.join(FOLDER).join("answers").join(&name))?;
        let (starter, solution) = if marked.contains("//~") {
            let carved = Carved::parse(&marked);
            let carved = carved.map_err(|malformed| anyhow!("{FOLDER}/answers/{name}:{malformed}"))?;
            (carved.starter(), carved.solution())
        } else {
            (marked.clone(), marked)
        };
        sources.push(Source { name, starter, solution });
    }
    Ok(sources)
}

/// All Rust files below a folder, from there, with `/` on every system, in order.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            files.extend(rust_files(&entry.path())?.iter().map(|below| format!("{name}/{below}")));
        } else if name.ends_with(".rs") {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[milestone]]\ntitle = \"T\"\nafter = 14\nseconds = 10\nfile = \"relay.rs\"\nfails_with = \"x\"\n\
        hints = [\"a\", \"b\", \"c\"]\n";

    #[test]
    fn milestones_are_numbered_as_they_stand() {
        let project = Project::parse(&GOOD.repeat(2)).unwrap();
        let second = project.milestone("project.2".parse().unwrap()).unwrap();
        assert_eq!((second.program().as_str(), second.after), ("milestone-2", 14));
        let error = project.milestone("project.3".parse().unwrap()).unwrap_err().to_string();
        assert_eq!(error, "there is no milestone project.3: there are 2");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Project::parse(&GOOD.replace("\"b\", ", "")).unwrap_err();
        assert!(format!("{error:#}").contains("milestone 1: hints: 3 are needed, 2 are given"), "{error:#}");
        let error = Project::parse(&GOOD.replace("after", "before")).unwrap_err();
        assert!(format!("{error:#}").contains("unknown field `before`"), "{error:#}");
    }

    #[test]
    fn a_file_without_markers_is_the_same_for_all() {
        let root = tempfile::tempdir().unwrap();
        let answers = root.path().join(FOLDER).join("answers");
        text::write(&answers.join("lib.rs"), "//! Given.\n").unwrap();
        text::write(&answers.join("a.rs"), "//! A.\n//~ begin\n1\n//~ starter\n//~| 0\n//~ end\n").unwrap();
        text::write(&answers.join("plausible/1_x.rs"), "//! Not a source.\n").unwrap();
        let shown: Vec<_> = sources(root.path())
            .unwrap()
            .into_iter()
            .map(|source| (source.name, source.starter, source.solution))
            .collect();
        let expected = [("a.rs", "//! A.\n0\n", "//! A.\n1\n"), ("lib.rs", "//! Given.\n", "//! Given.\n")];
        assert_eq!(shown, expected.map(|(name, a, b)| (name.to_owned(), a.to_owned(), b.to_owned())));
        text::write(&answers.join("a.rs"), "//~ end\n").unwrap();
        assert!(sources(root.path()).unwrap_err().to_string().contains("answers/a.rs:1: this marker needs"));
    }
}
