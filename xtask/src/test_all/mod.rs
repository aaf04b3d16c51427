//! `cargo x test-all`: everything that must hold before a change is taken. Each step runs although another has failed;
//! the last line says how many passed and failed: a step with tests of its own counts as its tests, any other as one.
//!
//! The repository's rules are tests of this crate and so run with the workspace's tests, once.

mod book;
mod browser;
mod crash;
mod first_program;
mod html;
mod step;
mod template;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::clock::{Stopwatch, spelled};
use crate::course::Course;
use crate::learn::{self, Strictness, Study, Verdict};
use crate::paint::Paint;
use crate::project;
use crate::say::say;
use crate::tools::{self, Found, Required};
use step::{Count, cargo, cargo_tests};

type Check = fn(&Path) -> Result<Count>;

/// Runs these steps, or all of them. Exits with 0 when nothing failed.
pub fn test_all(root: &Path, paint: Paint, only: &[String]) -> Result<ExitCode> {
    let steps: [(&str, Check); 13] = [
        ("tools", fetch_tools),
        ("format", format),
        ("clippy", |root| {
            cargo(root, &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])
        }),
        ("documentation", |root| {
            cargo(root, &["doc", "--workspace", "--all-features", "--no-deps", "--quiet"])
        }),
        ("tests", |root| {
            // Not defaults of the program, and tested all the same.
            let features = [
                "--features",
                "capstone/postgres,capstone/nats,capstone-outbox/tower,capstone-bus/bridge,capstone-bus/derive",
            ];
            cargo_tests(root, &[&["test", "--workspace", "--no-fail-fast"], &features[..]].concat())
        }),
        ("poison", |root| {
            // In the program with fail points, which the other tests must not have.
            let features = ["--features", "postgres,failpoints"];
            cargo_tests(
                root,
                &[&["test", "--package", "capstone", "--test", "it", "poison"], &features[..]].concat(),
            )
        }),
        ("the example with sqlx", |root| {
            let example = ["--manifest-path", "capstone/outbox/examples/sqlx/Cargo.toml"];
            cargo_tests(root, &[&["test", "--target-dir", "target/sqlx"], &example[..]].concat())
        }),
        ("short crash campaigns", crash::check),
        ("exercises, four ways", exercises),
        ("a first program", first_program::check),
        ("a new lesson", template::check),
        ("book", book::check),
        ("book in a browser", browser::check),
    ];
    let unknown = only.iter().find(|wanted| steps.iter().all(|(name, _)| name != wanted));
    if let Some(unknown) = unknown {
        bail!("there is no step `{unknown}`; the steps are: {}", steps.map(|(name, _)| name).join(", "));
    }
    let mut all = Count::default();
    for (name, check) in
        steps.into_iter().filter(|(name, _)| only.is_empty() || only.iter().any(|wanted| wanted == name))
    {
        all += timed(name, paint, || check(root));
    }
    say(format_args!("\n{all}"));
    Ok(if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a step between its two lines. What it could not even do is a failure of the step.
fn timed(name: &str, paint: Paint, check: impl FnOnce() -> Result<Count>) -> Count {
    say(format_args!("\n{}", paint.bold(format!("── {name}"))));
    let watch = Stopwatch::start();
    let count = check().unwrap_or_else(|error| {
        say(format_args!("{error:#}"));
        Count::FAILED
    });
    let mark = if count.failed == 0 { paint.green("✔") } else { paint.red("✘") };
    say(format_args!("{mark} {name}: {}, {}", count.brief(), spelled(watch.elapsed())));
    count
}

/// Without a server some tests are skipped; where changes are accepted (`CI=true`) nothing may be missing.
fn fetch_tools(root: &Path) -> Result<Count> {
    let mut count = Count::default();
    for found in tools::ensure(root, Paint::for_stdout(), &tools::names(), |line| say(line)) {
        count += match found {
            Found::Ready { .. } => Count::PASSED,
            Found::Missing { required: Required::ForSomeTests, .. }
                if strictness() == Strictness::Learner =>
            {
                Count::SKIPPED
            }
            Found::Missing { .. } => Count::FAILED,
        };
    }
    Ok(count)
}

/// The solutions are in no package, so rustfmt is told of them; the project's `lib.rs` names its other files.
fn format(root: &Path) -> Result<Count> {
    let course = Course::load(root)?;
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024"]).current_dir(root);
    rustfmt.args(course.exercises().map(|exercise| exercise.solution_file(root)));
    rustfmt.arg(root.join(project::FOLDER).join("answers/lib.rs"));
    let mut count = cargo(root, &["fmt", "--all", "--check"])?;
    count += if rustfmt.status()?.success() { Count::PASSED } else { Count::FAILED };
    Ok(count)
}

fn exercises(root: &Path) -> Result<Count> {
    let study = Study::open(root, Paint::for_stdout())?;
    Ok(report(&learn::verify(&study, &[], strictness())?, study.paint))
}

/// Prints a line for each verdict.
pub fn report(verdicts: &[Verdict], paint: Paint) -> Count {
    let mut count = Count::default();
    for verdict in verdicts {
        let (mark, said, one) = match verdict {
            Verdict::Passed(said) => (paint.green("✔"), said, Count::PASSED),
            Verdict::Failed(said) => (paint.red("✘"), said, Count::FAILED),
            Verdict::Skipped(said) => (paint.yellow("–"), said, Count::SKIPPED),
        };
        say(format_args!("{mark} {}", said.trim_end()));
        count += one;
    }
    count
}

/// `CI=true` is where the repository is checked for publication.
pub fn strictness() -> Strictness {
    match std::env::var("CI") {
        Ok(value) if value == "true" => Strictness::Strict,
        _ => Strictness::Learner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted() {
        let said = String::new;
        let verdicts = [
            Verdict::Passed(said()),
            Verdict::Failed(said()),
            Verdict::Skipped(said()),
            Verdict::Passed(said()),
        ];
        assert_eq!(report(&verdicts, Paint::Plain), Count { passed: 2, failed: 1, skipped: 1 });
    }

    #[test]
    fn a_step_that_cannot_run_has_failed() {
        assert_eq!(timed("x", Paint::Plain, || anyhow::bail!("no such thing")), Count::FAILED);
        assert_eq!(timed("x", Paint::Plain, || Ok(Count::PASSED)), Count::PASSED);
    }
}
