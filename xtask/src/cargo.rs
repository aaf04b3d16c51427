//! Asks cargo to build test programs and reads its messages: which program is whose, and what the compiler said.
//! Does not run what it built.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

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
    /// What cargo itself said, where [`Diagnostics::Told`] kept it from the terminal.
    pub complaints: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    pub path: PathBuf,
    /// Cargo took the one that was there, going by the times of its sources.
    pub is_fresh: bool,
}

/// Who shows the compiler's messages.
#[derive(Clone, Copy)]
pub enum Diagnostics<'a> {
    /// They go to stderr as they come.
    Shown(Paint),
    /// Nobody: they are in [`Built::diagnostics`].
    Collected,
    /// Nobody, and cargo does not complain that something does not compile, because it must not.
    Expected,
    /// Nobody, and nothing at all goes to the terminal.
    Told(Paint, Ear<'a>),
}

/// Somebody who waits for a build.
#[derive(Clone, Copy)]
pub struct Ear<'a> {
    /// Hears what cargo is doing: `Compiling tokio v1.54.1`.
    pub hear: &'a dyn Fn(&str),
    /// Whether to go on; asked about twenty times a second. Else cargo is killed.
    pub go_on: &'a dyn Fn() -> bool,
}

/// How many lines of cargo's own are kept.
const COMPLAINTS_MAX: usize = 200;

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
    diagnostics: Diagnostics<'_>,
) -> Result<Built> {
    let packages = packages.iter().flat_map(|package| ["-p", package]);
    let names = names.iter().flat_map(|name| ["--test", name.as_ref()]);
    build(root, packages.chain(names), diagnostics)
}

/// Builds the program of a package that has the same name.
pub fn build_program(root: &Path, package: &str, diagnostics: Diagnostics<'_>) -> Result<Built> {
    build(root, ["-p", package, "--bin", package], diagnostics)
}

fn build<'a>(
    root: &Path,
    targets: impl IntoIterator<Item = &'a str>,
    diagnostics: Diagnostics<'_>,
) -> Result<Built> {
    let mut command = command(root);
    command.args(["build", "--keep-going"]);
    // A person sees that a long build is alive; a log is spared it.
    if !std::io::stderr().is_terminal() && !matches!(diagnostics, Diagnostics::Told(..)) {
        command.arg("--quiet");
    }
    command.arg(match diagnostics {
        Diagnostics::Shown(Paint::Ansi) | Diagnostics::Told(Paint::Ansi, _) => {
            "--message-format=json-diagnostic-rendered-ansi"
        }
        _ => "--message-format=json",
    });
    command.args(targets);
    match diagnostics {
        Diagnostics::Expected => command.stderr(Stdio::null()),
        Diagnostics::Told(..) => command.stderr(Stdio::piped()).stdin(Stdio::null()),
        // Cargo's own complaints (a package that does not exist, a locked folder) go where they always go.
        Diagnostics::Shown(_) | Diagnostics::Collected => &mut command,
    };
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut built = Built::default();
    if let Diagnostics::Told(_, ear) = diagnostics {
        listen(&mut child, ear, &mut built)?;
    } else {
        let stdout = child.stdout.take().expect("stdout is piped");
        for line in BufReader::new(stdout).lines() {
            built.take(&line?, diagnostics);
        }
    }
    child.wait()?;
    Ok(built)
}

/// A line of cargo's: for us, or for people.
enum Line {
    Message(String),
    News(String),
}

/// Reads both outputs to their ends, or kills cargo when nobody waits any more.
fn listen(child: &mut Child, ear: Ear<'_>, built: &mut Built) -> Result<()> {
    let (sender, lines) = sync_channel(64);
    let outputs = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let (stdout, stderr) = (outputs.0.expect("stdout is piped"), outputs.1.expect("stderr is piped"));
        let other = sender.clone();
        scope.spawn(move || pass_on(stdout, Line::Message, &sender));
        scope.spawn(move || pass_on(stderr, Line::News, &other));
        hear(child, lines, ear, built)
    })
}

fn hear(child: &mut Child, lines: Receiver<Line>, ear: Ear<'_>, built: &mut Built) -> Result<()> {
    loop {
        if !(ear.go_on)() {
            return child.kill().context("cannot stop cargo");
        }
        match lines.recv_timeout(Duration::from_millis(50)) {
            Ok(Line::Message(line)) => built.take(&line, Diagnostics::Collected),
            Ok(Line::News(line)) => {
                // What cargo is doing is indented, what it complains about is not.
                if line.starts_with(' ') {
                    (ear.hear)(line.trim());
                }
                if built.complaints.len() < COMPLAINTS_MAX {
                    built.complaints.push(line);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Ends with the output, or when nobody takes its lines any more.
fn pass_on(output: impl Read, line: fn(String) -> Line, to: &SyncSender<Line>) {
    for text in BufReader::new(output).lines().map_while(Result::ok) {
        if to.send(line(text)).is_err() {
            return;
        }
    }
}
impl Built {
    pub fn extend(&mut self, other: Built) {
        self.executables.extend(other.executables);
        self.diagnostics.extend(other.diagnostics);
        self.complaints.extend(other.complaints);
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
    fn take(&mut self, line: &str, diagnostics: Diagnostics<'_>) {
        let Ok(message) = serde_json::from_str::<Message>(line) else { return };
        let Some(target) = message.target else { return };
        let key = (package_name(&message.package_id), target.name);
        if let Some(path) = message.executable {
            if target.kind == ["test"] || target.kind == ["bin"] {
                self.executables.insert(key, Executable { path, is_fresh: message.fresh });
            }
        } else if let Some(rendered) = message.message.and_then(|said| said.rendered) {
            // A file that only its test compiles.
            let rendered = rendered.replace("tests/../", "");
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
