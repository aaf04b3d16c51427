//! Lays out a new lesson in a workspace of its own, so that the templates cannot fall behind `shared`: what
//! `cargo x new-lesson` writes must be formatted, compile without warnings, pass its tests, and have exercises that hold.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use toml::Value;

use super::report;
use super::step::Count;
use crate::learn::{self, Strictness, Study};
use crate::new_lesson::{Names, new_lesson};
use crate::paint::Paint;
use crate::{cargo, course, text, workspace};

pub(super) fn check(root: &Path) -> Result<Count> {
    let copy = workspace::folder(root, "new-lesson");
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
        report(&learn::verify(&Study::open(&copy, Paint::Plain)?, &[], Strictness::Strict)?, Paint::Plain);
    Ok(if exercises.failed == 0 { Count::PASSED } else { Count::FAILED })
}

/// A workspace with `shared` and the new lesson.
fn lay_out(root: &Path, copy: &Path) -> Result<()> {
    workspace::lay_out(root, copy, |manifest| {
        let members = Value::from(vec!["lessons/*", "exercises/*/*"]);
        manifest["workspace"].as_table_mut().expect("it has one").insert("members".to_owned(), members);
    })?;
    text::write(&copy.join(course::FILE), "")?;
    text::write(&copy.join("book/src/SUMMARY.md"), "# Summary\n")?;
    let names = Names { number: 99, slug: "laid-out".to_owned(), title: "Laid out".to_owned() };
    new_lesson(copy, &names).map(drop)
}
