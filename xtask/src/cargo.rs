//! Asks cargo to build test programs and reads its messages: which program is whose, and what the compiler said.
//! Does not run what it built.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::paint::Paint;

/// Which package and which of its targets: `("exercise-11-1", "learner")`.
pub type Target = (String, String);

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Built {
    pub executables: BTreeMap<Target, Executable>,
    /// What the compiler said about each target: warnings and errors, as it would print them.
    pub diagnostics: BTreeMap<Target, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    pub path: PathBuf,
    /// Cargo took the one that was there, going by the times of its sources.
    pub is_fresh: bool,
}

/// Who shows the compiler's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnostics {
    /// They go to stderr as they come.
    Shown(Paint),
    /// Nobody: they are in [`Built::diagnostics`].
    Collected,
    /// Nobody, and cargo does not complain that something does not compile, because it must not.
    Expected,
}

/// The cargo that started us, else the one on the path.
pub fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Builds the tests `names` of `packages` in one go, past those that do not compile: they have no executable.
/// (`cargo build --test` and `cargo test --no-run --test` build the same program, but only the former can go on.)
pub fn build_tests(
    root: &Path,
    packages: &[String],
    names: &[impl AsRef<str>],
    diagnostics: Diagnostics,
) -> Result<Built> {
    let mut command = command(root);
    command.args(["build", "--keep-going"]);
    // A person sees that a long build is alive; a log is spared it.
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    command.arg(match diagnostics {
        Diagnostics::Shown(Paint::Ansi) => "--message-format=json-diagnostic-rendered-ansi",
        Diagnostics::Shown(Paint::Plain) | Diagnostics::Collected | Diagnostics::Expected => {
            "--message-format=json"
        }
    });
    command.args(packages.iter().flat_map(|package| ["-p", package]));
    command.args(names.iter().flat_map(|name| ["--test", name.as_ref()]));
    if diagnostics == Diagnostics::Expected {
        command.stderr(Stdio::null());
    }
    // Cargo's own complaints (a package that does not exist, a locked folder) go where they always go.
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut built = Built::default();
    for line in BufReader::new(stdout).lines() {
        built.take(&line?, diagnostics);
    }
    child.wait()?;
    Ok(built)
}

impl Built {
    pub fn extend(&mut self, other: Built) {
        self.executables.extend(other.executables);
        self.diagnostics.extend(other.diagnostics);
    }

    pub fn executable(&self, package: &str, name: &str) -> Option<&Executable> {
        self.executables.get(&(package.to_owned(), name.to_owned()))
    }

    /// The compiler's messages on one target.
    pub fn said(&self, package: &str, name: &str) -> &[String] {
        self.diagnostics.get(&(package.to_owned(), name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// What the compiler said about anything.
    pub fn all_said(&self) -> impl Iterator<Item = &str> {
        self.diagnostics.values().flatten().map(String::as_str)
    }

    /// One line of cargo's output. What is no message of the two kinds that matter is passed over.
    fn take(&mut self, line: &str, diagnostics: Diagnostics) {
        let Ok(message) = serde_json::from_str::<Message>(line) else { return };
        let Some(target) = message.target else { return };
        let key = (package_name(&message.package_id), target.name);
        if let Some(path) = message.executable {
            if target.kind == ["test"] {
                self.executables.insert(key, Executable { path, is_fresh: message.fresh });
            }
        } else if let Some(rendered) = message.message.and_then(|said| said.rendered) {
            if let Diagnostics::Shown(_) = diagnostics {
                eprint!("{rendered}");
            }
            self.diagnostics.entry(key).or_default().push(rendered);
        }
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    package_id: String,
    target: Option<TargetName>,
    executable: Option<PathBuf>,
    #[serde(default)]
    fresh: bool,
    message: Option<Said>,
}

#[derive(Deserialize)]
struct TargetName {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Said {
    rendered: Option<String>,
}

/// Cargo writes `path+file:///x/1-a#exercise-11-1@0.1.0`, or `path+file:///x/shared#0.1.0` where folder and name agree.
fn package_name(id: &str) -> String {
    let (place, rest) = id.rsplit_once('#').unwrap_or(("", id));
    let folder = place.rsplit('/').next().unwrap_or(place);
    rest.split_once('@').map_or(folder, |(name, _)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_both_kinds_of_id() {
        assert_eq!(package_name("path+file:///x/1-a#exercise-11-1@0.1.0"), "exercise-11-1");
        assert_eq!(package_name("path+file:///x/shared#0.1.0"), "shared");
    }

    #[test]
    fn executables_and_diagnostics_are_told_apart() {
        let mut built = Built::default();
        let lines = [
            "Compiling, says a build script",
            r#"{"reason":"build-finished","success":true}"#,
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x#a@1","target":{"name":"learner","kind":["test"]},"executable":"/t/learner-1","fresh":true}"#,
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x#a@1","target":{"name":"a","kind":["lib"]},"executable":null,"fresh":false}"#,
            r#"{"reason":"compiler-message","package_id":"path+file:///x#b@1","target":{"name":"b","kind":["lib"]},"message":{"rendered":"warning: unused"}}"#,
        ];
        lines.iter().for_each(|line| built.take(line, Diagnostics::Collected));
        let learner = Executable { path: PathBuf::from("/t/learner-1"), is_fresh: true };
        assert_eq!(built.executable("a", "learner"), Some(&learner));
        assert_eq!(built.executables.len(), 1);
        assert_eq!(built.said("b", "b"), ["warning: unused"]);
        assert!(built.said("a", "learner").is_empty());
        assert_eq!(built.all_said().collect::<Vec<_>>(), ["warning: unused"]);
    }
}
