//! Does what the book's page "An empty folder" tells its reader to do: creates a project with the commands that the page
//! shows, puts the page's files into it, and runs them. Both forms of the program must print what the page prints, and
//! the mistakes that the page names must fail as it says. Nothing is downloaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};

use super::step::Count;
use crate::{cargo, text, workspace};

const FIRST: &str = "lessons/10-before-the-first-channel/first";
const PAGE: &str = "book/src/first-program.md";

/// What rustc says when `--features full`, the line `#[tokio::main]` or `--features test-util` was forgotten.
const NO_FEATURES: &str = "cannot find `main` in `tokio`";
const NO_MACRO: &str = "`main` function is not allowed to be `async`";
const NO_TEST_UTIL: &str = "no method named `start_paused` found";

pub(super) fn check(root: &Path) -> Result<Count> {
    let first = root.join(FIRST);
    let commands = text::read(&first.join("commands.txt"))?;
    let expected = text::read(&first.join("output.txt"))?;
    let main = text::read(&first.join("main.rs"))?;
    let page = text::read(&root.join(PAGE))?;

    let mut reader = Reader::begin(root)?;
    reader.succeed(section(&commands, "create")?)?;
    reader.save("src/main.rs", &main)?;
    same("main.rs", &reader.succeed(section(&commands, "run")?)?, &expected)?;
    reader.save("examples/by_hand.rs", &text::read(&first.join("by_hand.rs"))?)?;
    same("by_hand.rs", &reader.succeed(section(&commands, "by-hand")?)?, &expected)?;
    reader.save("tests/paused.rs", &text::read(&first.join("paused.rs"))?)?;
    reader.fail("cargo check --tests", NO_TEST_UTIL, &page)?;
    let tested = reader.succeed(section(&commands, "test")?)?;
    ensure!(tested.contains("a_day_passes_at_once ... ok"), "cargo test has not run paused.rs:\n{tested}");

    reader.save("src/main.rs", &main.replace("#[tokio::main]\n", ""))?;
    reader.fail("cargo check", NO_MACRO, &page)?;

    let mut forgetful = Reader::begin(root)?;
    forgetful.succeed(&section(&commands, "create")?.replace(" --features full", ""))?;
    forgetful.save("src/main.rs", &main)?;
    forgetful.fail("cargo check", NO_FEATURES, &page)?;
    Ok(Count::PASSED)
}

/// A reader at a terminal.
struct Reader {
    /// Where the terminal is; `cd` moves it.
    folder: PathBuf,
    /// Where cargo builds: ours, so that Tokio is compiled once and not in each run of this step.
    target: PathBuf,
}

impl Reader {
    /// Opens a terminal in an empty folder. A reader's folder has no workspace around it, but this one lies in ours, so
    /// it gets a workspace of its own, which keeps cargo from looking further up. Our lock file makes cargo
    /// choose the versions that are already downloaded.
    fn begin(root: &Path) -> Result<Reader> {
        let folder = workspace::folder(root, "first-program/folder");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        text::write(&folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\n")?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
        Ok(Reader { folder, target: workspace::folder(root, "first-program/build") })
    }

    fn save(&self, file: &str, content: &str) -> Result<()> {
        text::write(&self.folder.join(file), content)
    }

    /// Runs the commands, one a line, and returns what the last one printed to stdout.
    fn succeed(&mut self, lines: &str) -> Result<String> {
        let mut printed = String::new();
        for line in lines.lines() {
            if let Some(folder) = line.strip_prefix("cd ") {
                self.folder.push(folder);
                continue;
            }
            let output = self.run(line)?;
            let said = String::from_utf8_lossy(&output.stderr);
            printed = text::normalised(&String::from_utf8_lossy(&output.stdout));
            ensure!(output.status.success(), "{line}:\n{said}{printed}");
        }
        Ok(printed)
    }

    /// Runs a command that must fail with `message`, which the page must quote.
    fn fail(&self, line: &str, message: &str, page: &str) -> Result<()> {
        let output = self.run(line)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(!output.status.success(), "{line} should have failed: {message}");
        ensure!(said.contains(message), "{line} should have said: {message}\n{said}");
        ensure!(page.contains(message), "{PAGE} does not quote: {message}");
        Ok(())
    }

    fn run(&self, line: &str) -> Result<Output> {
        let Some(arguments) = line.strip_prefix("cargo ") else { bail!("`{line}` is no cargo command") };
        let mut command: Command = cargo::command(&self.folder);
        command.args(arguments.split_whitespace());
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", &self.target);
        command.output().context("cannot start cargo")
    }
}

/// The lines between the anchors `name`.
fn section<'a>(commands: &'a str, name: &str) -> Result<&'a str> {
    let after = commands.split_once(&format!("# ANCHOR: {name}\n")).map(|(_, after)| after);
    let inside = after.and_then(|after| after.split_once(&format!("# ANCHOR_END: {name}\n")));
    inside.map(|(inside, _)| inside).with_context(|| format!("commands.txt has no section {name}"))
}

fn same(file: &str, printed: &str, expected: &str) -> Result<()> {
    ensure!(printed == expected, "{file} prints\n{printed}and the page says\n{expected}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_what_stands_between_its_anchors() {
        let commands =
            "Prose.\n# ANCHOR: a\ncargo a\n# ANCHOR_END: a\n# ANCHOR: ab\ncargo b\ncd b\n# ANCHOR_END: ab\n";
        assert_eq!(section(commands, "a").unwrap(), "cargo a\n");
        assert_eq!(section(commands, "ab").unwrap(), "cargo b\ncd b\n");
        assert_eq!(section(commands, "b").unwrap_err().to_string(), "commands.txt has no section b");
    }

    #[test]
    fn output_that_differs_is_shown() {
        same("a.rs", "one\n", "one\n").unwrap();
        let said = same("a.rs", "one\n", "two\n").unwrap_err().to_string();
        assert_eq!(said, "a.rs prints\none\nand the page says\ntwo\n");
    }
}
