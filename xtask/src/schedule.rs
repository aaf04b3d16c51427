//! `cargo x schedule`: a lesson's claims in many schedules. The lesson itself runs them; this finds the lesson and starts it.

use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Diagnostics, Ear};
use crate::course::{Course, Lesson};
use crate::limited::{self, End};
use crate::paint::Paint;
use crate::say::say;

/// What a newcomer must know.
pub const SCHEDULE: &str = "A schedule: which task goes on first where several could, and how long each wait takes.\n\
    A seed is the number of one. Seed 0 is an ordinary run.";

/// Of a program whose test takes two seconds, or a few on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What is run of a lesson's claims. Nothing said is all of them, in as many schedules as the lesson's test.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The only claim.
    pub claim: Option<String>,
    /// The only schedule, with its timeline.
    pub seed: Option<u64>,
    /// How many schedules of each version.
    pub schedules: Option<u64>,
}

/// Runs the claims of a lesson. Exits with 0 when each wrong version is caught and each right one holds.
pub fn run(root: &Path, lesson: u32, asked: &Asked, paint: Paint) -> Result<ExitCode> {
    let lesson = find(root, lesson)?;
    say(format_args!("{}  {}\n\n{}\n", paint.bold(heading(&lesson)), place(&lesson), paint.dim(SCHEDULE)));
    let mut command = cargo::command(root);
    command.arg("run");
    // A person sees that a long build is alive; a log is spared it.
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    command.args(["--package", &package(&lesson), "--", "schedule"]).args(asked.arguments());
    let status = command.status().context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What [`run`] would print of all claims. Somebody waits for the build, and stops the program when `go_on` says so.
pub fn said(root: &Path, lesson: u32, ear: Ear<'_>, go_on: &dyn Fn(Duration) -> bool) -> Result<String> {
    let package = package(&find(root, lesson)?);
    let built = cargo::build_program(root, &package, Diagnostics::Told(Paint::Plain, ear))?;
    let Some(program) = built.executable(&package, &package) else {
        let complaints = built.complaints.iter().map(String::as_str);
        bail!(
            "{package} could not be built:\n{}",
            complaints.chain(built.all_said()).collect::<Vec<_>>().join("\n")
        )
    };
    let mut command = Command::new(&program.path);
    let finished = limited::run_while(command.arg("schedule").current_dir(root), LIMIT, go_on)?;
    match finished.end {
        End::TimedOut => bail!("{package} has not ended after {} s", LIMIT.as_secs()),
        _ => Ok(finished.output),
    }
}

/// Whether the lesson has claims; else the error names those that have.
pub fn check(root: &Path, lesson: u32) -> Result<()> {
    find(root, lesson).map(drop)
}

/// The lessons that have claims, ready to be printed.
pub fn list(root: &Path, paint: Paint) -> Result<String> {
    let mut lines = vec![SCHEDULE.to_owned(), String::new()];
    lines.push("Lessons that say what must hold in every schedule, and try it:".to_owned());
    lines.push(String::new());
    lines.extend(with_claims(root)?.iter().map(|lesson| format!("  {}", heading(lesson))));
    lines.push(String::new());
    lines.push(format!("{} cargo x schedule 14", paint.dim("try:")));
    Ok(lines.join("\n") + "\n")
}

/// The lesson, if it has claims; else the error names those that have.
fn find(root: &Path, number: u32) -> Result<Lesson> {
    let mut lessons = with_claims(root)?;
    if let Some(at) = lessons.iter().position(|lesson| lesson.number == number) {
        return Ok(lessons.swap_remove(at));
    }
    let numbers: Vec<String> = lessons.iter().map(|lesson| lesson.number.to_string()).collect();
    bail!("lesson {number} is not tried in many schedules; the lessons that are: {}", numbers.join(", "))
}

fn package(lesson: &Lesson) -> String {
    format!("lesson-{}", lesson.number)
}

fn with_claims(root: &Path) -> Result<Vec<Lesson>> {
    let mut lessons = Course::load(root)?.lessons;
    lessons.retain(|lesson| root.join(place(lesson)).is_file());
    Ok(lessons)
}

fn heading(lesson: &Lesson) -> String {
    format!("{} {}", lesson.number, lesson.title)
}

/// Where a lesson says what it claims.
fn place(lesson: &Lesson) -> String {
    format!("lessons/{}/src/schedule.rs", lesson.stem)
}

impl Asked {
    fn arguments(&self) -> Vec<String> {
        let numbers = [("--seed", self.seed), ("--schedules", self.schedules)];
        let numbers =
            numbers.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value?.to_string()]));
        let claim = self.claim.iter().map(|name| ["--claim".to_owned(), name.clone()]);
        claim.chain(numbers).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn course(root: &Path) {
        let mut toml = String::new();
        for (number, slug) in [(11, "channels"), (13, "sequential-relay"), (14, "concurrent-relay")] {
            toml += &format!("[[lesson]]\nnumber = {number}\nslug = \"{slug}\"\ntitle = \"T {number}\"\n");
        }
        text::write(&root.join(crate::course::FILE), &toml).unwrap();
        for stem in ["11-channels", "14-concurrent-relay"] {
            text::write(&root.join(format!("lessons/{stem}/src/schedule.rs")), "//! Claims.\n").unwrap();
        }
    }

    #[test]
    fn the_lessons_with_claims_are_listed() {
        let root = tempfile::tempdir().unwrap();
        course(root.path());
        let listed = list(root.path(), Paint::Plain).unwrap();
        assert!(listed.contains("\n  11 T 11\n  14 T 14\n") && !listed.contains("13"), "{listed}");
    }

    #[test]
    fn a_lesson_without_claims_is_an_error_that_names_those_with() {
        let root = tempfile::tempdir().unwrap();
        course(root.path());
        assert_eq!(find(root.path(), 14).unwrap().stem, "14-concurrent-relay");
        for unknown in [13, 99] {
            let error = find(root.path(), unknown).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("lesson {unknown} is not tried in many schedules; the lessons that are: 11, 14")
            );
        }
    }

    #[test]
    fn what_is_asked_is_passed_on() {
        assert!(Asked::default().arguments().is_empty());
        let asked = Asked { claim: Some("stops".to_owned()), seed: Some(812), schedules: Some(5) };
        assert_eq!(asked.arguments(), ["--claim", "stops", "--seed", "812", "--schedules", "5"]);
    }
}
