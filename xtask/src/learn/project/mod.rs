//! `cargo x learn project`: where the learner stands, and the tests of a milestone against the learner's own crate. The proofs
//! of the milestones are in `proofs` and `verify`.

mod proofs;
mod verify;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::clock;
use crate::course::ExerciseId;
use crate::learn::check::{Checked, Program};
use crate::learn::run::check;
use crate::learn::{Study, report};
use crate::progress::{ContentHash, State};
use crate::project::{self, FOLDER, Files, Milestone, PACKAGE};
use crate::say::{self, say};
use crate::text;

pub(super) use verify::verify;
pub use watch::watch_project;

/// Which milestones are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Next,
    One(u32),
    /// Those that were reached before.
    Reached,
}

/// Says where the learner stands and runs what is asked for. Exits with 0 if all of that passes.
pub fn project(study: &mut Study, which: Which) -> Result<ExitCode> {
    let milestones = match which {
        Which::One(number) => vec![study.project.milestone(ExerciseId::milestone(number))?.clone()],
        Which::Next => study.next_milestone().into_iter().cloned().collect(),
        Which::Reached => {
            let all = study.project.milestones.iter();
            all.filter(|milestone| study.milestone_state(milestone) != State::Open).cloned().collect()
        }
    };
    if study.project.milestones.is_empty() {
        bail!("{FOLDER}/milestones.toml is missing");
    }
    say(status(study));
    if milestones.is_empty() {
        say(match which {
            Which::Reached => "You have not reached a milestone yet: cargo x learn project".to_owned(),
            _ => study
                .paint
                .green("You have reached every milestone. cargo x learn project --all runs all tests again."),
        });
    }
    let mut failed = 0;
    for milestone in &milestones {
        failed += usize::from(!run(study, milestone)?);
    }
    if failed > 0 {
        return Ok(ExitCode::FAILURE);
    }
    if !milestones.is_empty() {
        say(what_is_next(study));
    }
    Ok(ExitCode::SUCCESS)
}

/// After a success.
fn what_is_next(study: &Study) -> String {
    let milestones = &study.project.milestones;
    let mut lines = Vec::new();
    if milestones.iter().any(|milestone| study.milestone_state(milestone) == State::FileChanged) {
        lines.push(
            "Your code has changed since you reached other milestones: cargo x learn project --all"
                .to_owned(),
        );
    }
    lines.push(match study.next_milestone() {
        Some(next) => format!("next: cargo x learn project   {}, after lesson {}", next.title, next.after),
        None => study.paint.green("Every milestone is reached."),
    });
    lines.join("\n")
}

/// `Build your own  2 of 6 milestones`
pub(super) fn heading(study: &Study) -> String {
    let milestones = &study.project.milestones;
    let reached =
        milestones.iter().filter(|milestone| study.milestone_state(milestone) != State::Open).count();
    let count = study.paint.dim(format!("{reached} of {} milestones", milestones.len()));
    format!("{}  {count}", study.paint.bold("Build your own"))
}

fn status(study: &Study) -> String {
    let milestones = &study.project.milestones;
    let width = milestones.iter().map(|milestone| milestone.title.chars().count()).max().unwrap_or(0);
    let (paint, next) = (study.paint, study.next_milestone().map(|milestone| milestone.id));
    let mut lines = vec![heading(study), String::new()];
    for milestone in milestones {
        let (mark, note) = match study.milestone_state(milestone) {
            State::Open if next == Some(milestone.id) => (paint.cyan("▶"), paint.cyan("  next")),
            State::Open => (paint.dim("○"), String::new()),
            State::Solved => (paint.green("✔"), String::new()),
            State::FileChanged => (paint.green("✔"), paint.dim("  your code has changed since")),
            State::TestsChanged => {
                (paint.yellow("↻"), paint.yellow("  its tests have changed: run it again"))
            }
        };
        let after = paint.dim(format!("after lesson {}", milestone.after));
        lines.push(format!("  {mark} {}  {:<width$}  {after}{note}", milestone.id.number, milestone.title));
    }
    lines.join("\n") + "\n"
}

/// Whether its tests pass.
fn run(study: &mut Study, milestone: &Milestone) -> Result<bool> {
    let number = milestone.id.number;
    say(study.paint.bold(format!("milestone {number}: {}", milestone.title)));
    let (tests, mine) = (milestone.tests(&study.root)?, project::learner_content(&study.root)?);
    let root_of = |file: &str| study.root.join(FOLDER).join(file);
    let program = Program {
        package: PACKAGE.to_owned(),
        name: milestone.program(),
        roots: vec![root_of("src/lib.rs"), root_of("src/main.rs"), milestone.test_file(&study.root)],
        content: ContentHash::of(&format!("{tests} {mine}")),
        folder: study.root.join(FOLDER),
        limit: milestone.limit,
    };
    let said = match check(study, &program)? {
        Checked::Passed { tests: passed, elapsed } => {
            let reached = study.paint.green(format!("✔ milestone {number} is reached"));
            say(format_args!("{reached}: {passed} passed in {}", clock::spelled(elapsed)));
            if let Err(error) = study.record(|progress| progress.solved(milestone.id, tests, mine)) {
                say(study.paint.yellow(format!("Your progress could not be saved: {error:#}")));
            }
            return Ok(true);
        }
        Checked::NotBuilt { reason, .. } => {
            say(format_args!("\n{}: {reason}. This says nothing about your code.", failed(study, number)));
            return Ok(false);
        }
        Checked::Stopped => return Ok(false),
        Checked::DoesNotCompile(_) => "it does not compile yet".to_owned(),
        Checked::Failed { story, reason } => {
            say(say::fitted(&report::story(study.paint, &story).join("\n")));
            reason
        }
    };
    fail(study, milestone, &said)
}

/// A milestone whose tests fail is open again.
fn fail(study: &mut Study, milestone: &Milestone, reason: &str) -> Result<bool> {
    say(format_args!(
        "\n{}: {reason}\nThe task: book/src/project-{}.md   Stuck? Run cargo x learn hint {}",
        failed(study, milestone.id.number),
        milestone.id.number,
        milestone.id
    ));
    if study.progress.is_solved(milestone.id) {
        study.record(|progress| progress.reopen(milestone.id))?;
    }
    Ok(false)
}

fn failed(study: &Study, number: u32) -> String {
    study.paint.red(format!("✘ milestone {number}"))
}

/// The file of the reference that a milestone is about. It is the one that passes all of them.
pub(super) fn reference(study: &Study, milestone: &Milestone) -> Result<String> {
    let sources = project::sources(&study.root)?;
    let source = sources.into_iter().find(|source| source.name == milestone.file);
    let source = source.with_context(|| format!("the reference has no {}", milestone.file))?;
    let title = format!("{}, which passes all milestones that are about it", milestone.file);
    Ok(format!("{}\n\n{}", study.paint.bold(title), source.solution))
}

/// Restores the crate, and says where the learner's files went.
pub(super) fn reset(study: &mut Study) -> Result<String> {
    let learner = project::learner(&study.root);
    let files: Files =
        project::sources(&study.root)?.into_iter().map(|source| (source.name, source.starter)).collect();
    let mut mine = Files::new();
    for name in project::rust_files(&learner)? {
        let text = text::read(&learner.join(&name))?;
        mine.push((name, text));
    }
    if mine == files {
        return Ok(format!("{FOLDER}/src is unchanged.\n"));
    }
    let backup = free_backup(study);
    for (name, text) in &mine {
        text::write(&study.root.join(&backup).join(name), text)?;
        std::fs::remove_file(learner.join(name)).with_context(|| format!("cannot remove {name}"))?;
    }
    for (name, text) in &files {
        text::write(&learner.join(name), text)?;
    }
    let ids: Vec<ExerciseId> = study.project.milestones.iter().map(|milestone| milestone.id).collect();
    study.record(|progress| ids.iter().for_each(|id| progress.reopen(*id)))?;
    let moved = format!("your files have been moved to {}", backup.display());
    Ok(format!("{moved}\n{FOLDER}/src has been restored; every milestone is open again.\n"))
}

/// `.course/backup-project-1`, or the next number that is free.
fn free_backup(study: &Study) -> PathBuf {
    let name = |number: u32| PathBuf::from(format!(".course/backup-project-{number}"));
    (1..).map(name).find(|path| !study.root.join(path).exists()).expect("some number is free")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::learn::{self, Hints};
    use crate::paint::Paint;

    /// A project of two milestones, whose crate is one file.
    pub(super) fn study(root: &Path) -> Study {
        let milestone = |title: &str| {
            format!(
                "[[milestone]]\ntitle = \"{title}\"\nafter = 14\nseconds = 10\nfile = \"lib.rs\"\nfails_with = \"x\"\n\
                 hints = [\"one\", \"two\", \"three\"]\n"
            )
        };
        let folder = root.join(FOLDER);
        text::write(&folder.join("milestones.toml"), &(milestone("First") + &milestone("Second one")))
            .unwrap();
        let marked = "//! A.\n//~ begin\npub fn a() {}\n//~ starter\n//~| pub fn b() {}\n//~ end\n";
        text::write(&folder.join("answers/lib.rs"), marked).unwrap();
        text::write(&folder.join("src/lib.rs"), "//! A.\npub fn b() {}\n").unwrap();
        for number in 1..=2 {
            text::write(&folder.join(format!("tests/milestone_{number}.rs")), "//! T.\nmod world;\n")
                .unwrap();
            text::write(&folder.join(format!("milestones/{number}_x.rs")), "//! S.\n").unwrap();
        }
        text::write(&folder.join("milestones/world/mod.rs"), "//! W.\n").unwrap();
        text::write(&root.join(crate::course::FILE), "").unwrap();
        Study::open(root, Paint::Plain).unwrap()
    }

    fn reach(study: &mut Study, number: u32) {
        let milestone = study.project.milestone(ExerciseId::milestone(number)).unwrap().clone();
        let (tests, mine) =
            (milestone.tests(&study.root).unwrap(), project::learner_content(&study.root).unwrap());
        study.progress.solved(milestone.id, tests, mine);
    }

    #[test]
    fn where_the_learner_stands() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        reach(&mut study, 1);
        let expected = "Build your own  1 of 2 milestones\n\n  ✔ 1  First       after lesson 14\n  ▶ 2  Second one  after lesson 14  next\n";
        assert_eq!(status(&study), expected);
        text::write(&root.path().join(FOLDER).join("src/more.rs"), "//! More.\n").unwrap();
        assert!(status(&study).contains("✔ 1  First       after lesson 14  your code has changed since\n"));
        text::write(&root.path().join(FOLDER).join("milestones/2_x.rs"), "//! Other tests.\n").unwrap();
        assert!(status(&study).contains("your code has changed since\n"), "the tests of another milestone");
        text::write(&root.path().join(FOLDER).join("milestones/world/mod.rs"), "//! Other.\n").unwrap();
        assert!(
            status(&study)
                .contains("↻ 1  First       after lesson 14  its tests have changed: run it again\n")
        );
    }

    #[test]
    fn after_a_success() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        reach(&mut study, 1);
        assert_eq!(what_is_next(&study), "next: cargo x learn project   Second one, after lesson 14");
        text::write(&root.path().join(FOLDER).join("src/more.rs"), "//! More.\n").unwrap();
        reach(&mut study, 2);
        let expected = "Your code has changed since you reached other milestones: cargo x learn project --all\n\
            Every milestone is reached.";
        assert_eq!(what_is_next(&study), expected);
    }

    #[test]
    fn a_milestone_has_hints_and_a_reference() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let said = learn::hint(&mut study, Some("project.2"), Hints::Next).unwrap();
        assert!(said.contains("project.2 Second one") && said.contains("hint 1 of 3 one"), "{said}");
        assert!(learn::hint(&mut study, Some("project"), Hints::Next).unwrap().contains("project.1 First"));
        assert!(
            learn::hint(&mut study, Some("project.3"), Hints::Next)
                .unwrap_err()
                .to_string()
                .contains("there are 2")
        );
        assert!(learn::solution(&mut study, "project.2").unwrap().contains("ask again"));
        let said = learn::solution(&mut study, "project.2").unwrap();
        assert!(said.ends_with("//! A.\npub fn a() {}\n"), "{said}");
    }

    #[test]
    fn the_crate_is_restored_and_the_work_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        reach(&mut study, 1);
        let src = root.path().join(FOLDER).join("src");
        text::write(&src.join("lib.rs"), "//! Mine.\n").unwrap();
        text::write(&src.join("deep/more.rs"), "//! More.\n").unwrap();
        let said = learn::reset(&mut study, "project").unwrap();
        assert!(said.contains("moved to .course/backup-project-1"), "{said}");
        let backup = root.path().join(".course/backup-project-1");
        assert_eq!(text::read(&backup.join("lib.rs")).unwrap(), "//! Mine.\n");
        assert_eq!(text::read(&backup.join("deep/more.rs")).unwrap(), "//! More.\n");
        assert_eq!(project::rust_files(&src).unwrap(), ["lib.rs"]);
        assert_eq!(text::read(&src.join("lib.rs")).unwrap(), "//! A.\npub fn b() {}\n");
        assert_eq!(study.next_milestone().unwrap().id, ExerciseId::milestone(1));
        assert!(learn::reset(&mut study, "project").unwrap().contains("is unchanged"));
    }

    #[test]
    fn all_of_it_or_one_milestone_is_verified() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let picked = |id: &str| study.pick_all(&[id.to_owned()]);
        assert_eq!(picked("project").unwrap(), [1, 2].map(ExerciseId::milestone));
        assert_eq!(picked("project.2").unwrap(), [ExerciseId::milestone(2)]);
        assert!(picked("project.3").is_err());
    }
}
