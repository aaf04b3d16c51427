//! Asks cargo to build test programs and reads its messages: which program is whose, and what the compiler said.
//! Does not run what it built.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

/// Which package and which `[[test]]`: `("exercise-11-1", "learner")`.
pub type TestTarget = (String, String);

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Built {
    pub executables: BTreeMap<TestTarget, PathBuf>,
    /// What the compiler said on each package: warnings and errors, as it would print them.
    pub diagnostics: BTreeMap<String, Vec<String>>,
}

/// Who shows the compiler's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnostics {
    /// Cargo, as it always does.
    Shown,
    /// Nobody: they are in [`Built::diagnostics`].
    Collected,
}

/// The cargo that started us, else the one on the path.
pub fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Builds the tests `names` of `packages` in one go, past packages that do not compile: those have no executable.
/// (`cargo build --test` and `cargo test --no-run --test` build the same program, but only the former can go on.)
pub fn build_tests(
    root: &Path,
    packages: &[String],
    names: &[&str],
    diagnostics: Diagnostics,
) -> Result<Built> {
    let mut command = command(root);
    command.args(["build", "--keep-going"]);
    // A person sees that a long build is alive; a log is spared it.
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    command.arg(match diagnostics {
        Diagnostics::Shown => "--message-format=json-render-diagnostics",
        Diagnostics::Collected => "--message-format=json",
    });
    command.args(packages.iter().flat_map(|package| ["-p", package]));
    command.args(names.iter().flat_map(|name| ["--test", name]));
    // Cargo's own complaints (a package that does not exist, a locked folder) go where they always go.
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut built = Built::default();
    for line in BufReader::new(stdout).lines() {
        built.take(&line?);
    }
    child.wait()?;
    Ok(built)
}

impl Built {
    pub fn executable(&self, package: &str, name: &str) -> Option<&PathBuf> {
        self.executables.get(&(package.to_owned(), name.to_owned()))
    }

    pub fn said(&self, package: &str) -> &[String] {
        self.diagnostics.get(package).map_or(&[], Vec::as_slice)
    }

    /// One line of cargo's output. What is no message of the two kinds that matter is passed over.
    fn take(&mut self, line: &str) {
        let Ok(message) = serde_json::from_str::<Message>(line) else { return };
        let package = package_name(&message.package_id);
        if let (Some(executable), Some(target)) = (message.executable, message.target) {
            if target.kind == ["test"] {
                self.executables.insert((package, target.name), executable);
            }
        } else if let Some(rendered) = message.message.and_then(|said| said.rendered) {
            self.diagnostics.entry(package).or_default().push(rendered);
        }
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    package_id: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
    message: Option<Said>,
}

#[derive(Deserialize)]
struct Target {
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
        built.take("Compiling, says a build script");
        built.take(r#"{"reason":"build-finished","success":true}"#);
        built.take(
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x#a@1","target":{"name":"learner","kind":["test"]},"executable":"/t/learner-1"}"#,
        );
        built.take(
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x#a@1","target":{"name":"a","kind":["lib"]},"executable":null}"#,
        );
        built.take(
            r#"{"reason":"compiler-message","package_id":"path+file:///x#b@1","target":{"name":"b","kind":["lib"]},"message":{"rendered":"warning: unused"}}"#,
        );
        assert_eq!(built.executable("a", "learner"), Some(&PathBuf::from("/t/learner-1")));
        assert_eq!(built.executables.len(), 1);
        assert_eq!(built.said("b"), ["warning: unused"]);
        assert!(built.said("a").is_empty());
    }
}
