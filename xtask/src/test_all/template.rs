//! Lays out a new lesson in a workspace of its own, so that the templates cannot fall behind `shared`: what
//! `cargo x new-lesson` writes must be formatted, compile without warnings, pass its tests, and have exercises that hold.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use super::report;
use super::step::Count;
use crate::learn::{self, Strictness, Study};
use crate::new_lesson::{Names, new_lesson};
use crate::paint::Paint;
use crate::{cargo, course, text};

pub(super) fn check(root: &Path) -> Result<Count> {
    let copy = root.join("target/new-lesson");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    lay_out(root, &copy)?;
    let commands: [&[&str]; 4] = [
        &["fmt", "--all", "--check"],
        &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"],
        // Writes the timelines, which the next one compares.
        &["test", "--quiet", "--package", "lesson-99", "the_printed"],
        &["test", "--quiet", "--workspace"],
    ];
    for arguments in commands {
        let mut command = cargo::command(&copy);
        if arguments.contains(&"the_printed") {
            command.env("BLESS", "1");
        }
        let output = command.args(arguments).env("CARGO_NET_OFFLINE", "true").output()?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
            bail!("cargo {}:\n{}", arguments.join(" "), said.concat());
        }
    }
    let exercises =
        report(&learn::verify(&Study::open(&copy, Paint::Plain)?, Strictness::Strict)?, Paint::Plain);
    Ok(if exercises.failed == 0 { Count::PASSED } else { Count::FAILED })
}

/// A workspace with `shared` and the new lesson, built into our own target folder, where Tokio is compiled already.
fn lay_out(root: &Path, copy: &Path) -> Result<()> {
    let manifest = manifest(&text::read(&root.join("Cargo.toml"))?, root).context("Cargo.toml")?;
    text::write(&copy.join("Cargo.toml"), &manifest)?;
    for file in ["Cargo.lock", "clippy.toml", "rustfmt.toml"] {
        fs::copy(root.join(file), copy.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    let target = Value::from(root.join("target").to_string_lossy().into_owned());
    text::write(&copy.join(".cargo/config.toml"), &format!("[build]\ntarget-dir = {target}\n"))?;
    text::write(&copy.join(course::FILE), "")?;
    text::write(&copy.join("book/src/SUMMARY.md"), "# Summary\n")?;
    let names = Names { number: 99, slug: "laid-out".to_owned(), title: "Laid out".to_owned() };
    new_lesson(copy, &names).map(drop)
}

/// The root's manifest, with the lesson's members only.
fn manifest(ours: &str, root: &Path) -> Result<String> {
    let mut manifest: Table = ours.parse()?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut).context("no [workspace]")?;
    workspace.insert("members".to_owned(), Value::from(vec!["lessons/*", "exercises/*/*"]));
    workspace.remove("exclude");
    let dependencies =
        workspace.get_mut("dependencies").and_then(Value::as_table_mut).context("no dependencies")?;
    dependencies.retain(|name, value| name == "shared" || value.get("path").is_none());
    let shared = Table::from_iter([(
        "path".to_owned(),
        Value::from(root.join("shared").to_string_lossy().into_owned()),
    )]);
    dependencies.insert("shared".to_owned(), Value::from(shared));
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lesson_is_a_member() {
        let ours = "[workspace]\nmembers = [\"shared\", \"xtask\"]\nexclude = [\"fuzz\"]\n\
            [workspace.dependencies]\ncapstone-bus = { path = \"capstone/bus\" }\nshared = { path = \"shared\" }\ntokio = \"1\"\n";
        let theirs: Table = manifest(ours, Path::new("above")).unwrap().parse().unwrap();
        let expected: Table = "[workspace]\nmembers = [\"lessons/*\", \"exercises/*/*\"]\n\
            [workspace.dependencies]\nshared = { path = \"above/shared\" }\ntokio = \"1\"\n"
            .replace(
                "above/shared",
                &Path::new("above").join("shared").to_string_lossy().replace('\\', "\\\\"),
            )
            .parse()
            .unwrap();
        assert_eq!(theirs, expected);
    }
}
