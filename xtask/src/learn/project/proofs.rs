//! Lays out the proofs of the milestones: one package below `target/`, with a test program for each milestone that holds every
//! version of the crate, each beside the very tests that the learner runs. Builds and runs nothing.
//!
//! A version is a module, so its files name each other by `super::`. What runs as a program of its own is one program for all
//! versions: the variable [`VERSION`] says which one it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use toml::{Table, Value};

use crate::answer::{Kind, Outcome};
use crate::course::ExerciseId;
use crate::learn::Study;
use crate::learn::proofs::{path_attribute, solutions, target};
use crate::project::answer::Answer;
use crate::project::{self, FOLDER, Files, PACKAGE, Source};
use crate::{text, workspace};

pub(super) const PROOFS: &str = "project-proofs";
const VERSION: &str = "PROJECT_VERSION";
/// How a milestone's test starts the learner's program.
const START: &str = "Command::new(env!(\"CARGO_BIN_EXE_project\"))";

/// A version of the crate, and what it must do at a milestone.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub id: ExerciseId,
    /// `solution`, `starter`, `plausible_marks_first`.
    pub version: String,
    pub outcome: Outcome,
    pub program: String,
    pub limit: Duration,
    files: Files,
}

/// What must become of every version. `Err` names the file.
pub(super) fn claims(study: &Study) -> Result<Vec<Claim>> {
    let sources = project::sources(&study.root)?;
    let answers = answers(study, &sources)?;
    let files = |text: fn(&Source) -> &String| -> Files {
        sources.iter().map(|source| (source.name.clone(), text(source).clone())).collect()
    };
    let mut claims = Vec::new();
    for milestone in &study.project.milestones {
        let claim = |version: &str, outcome: Outcome, files: Files| Claim {
            id: milestone.id,
            version: version.to_owned(),
            outcome,
            program: milestone.program(),
            limit: milestone.limit,
            files,
        };
        claims.push(claim("solution", Outcome::Passes, files(|source| &source.solution)));
        let fails = Outcome::Fails(milestone.fails_with.clone());
        claims.push(claim("starter", fails, files(|source| &source.starter)));
        for (answer, files) in answers.iter().filter(|(answer, _)| answer.milestones.contains(&milestone.id))
        {
            claims.push(claim(&answer.name, answer.outcome.clone(), files.clone()));
        }
    }
    Ok(claims)
}

/// The other answers, each with the files of its crate.
fn answers(study: &Study, sources: &[Source]) -> Result<Vec<(Answer, Files)>> {
    let mut answers = Vec::new();
    for kind in [Kind::Plausible, Kind::Alternative] {
        let folder = Path::new(FOLDER).join("answers").join(kind.folder());
        if !study.root.join(&folder).exists() {
            continue;
        }
        for name in project::rust_files(&study.root.join(&folder))? {
            let read = || {
                let text = text::read(&study.root.join(&folder).join(&name))?;
                let answer = Answer::parse(kind, name.trim_end_matches(".rs"), &text)?;
                let files = answer.files(sources)?;
                Ok((answer, files))
            };
            let answer: Result<_> = read();
            answers.push(answer.map_err(|error| anyhow!("{}: {error:#}", folder.join(&name).display()))?);
        }
    }
    Ok(answers)
}

/// Writes the package. Returns where it lies.
pub(super) fn lay_out(study: &Study, claims: &[Claim]) -> Result<PathBuf> {
    let folder = workspace::folder(&study.root, PROOFS);
    let mut tests = Vec::new();
    let mut programs = Vec::new();
    for milestone in &study.project.milestones {
        let test = text::read(&milestone.test_file(&study.root))?;
        let mut main = format!("//! Versions of the project, each with the tests of {}.\n", milestone.id);
        for claim in claims.iter().filter(|claim| claim.id == milestone.id) {
            let lib = write(&folder, claim)?;
            main += &module(study, claim, &test, &lib);
            if test.contains(START) {
                programs.push((claim.version.clone(), lib));
            }
        }
        let file = format!("{}.rs", milestone.program());
        text::update(&folder.join(&file), &main)?;
        tests.push(target(&milestone.program(), &file));
    }
    text::update(&folder.join("program.rs"), &program(&programs))?;
    if let Some(claim) = claims.iter().find(|claim| claim.version == "solution") {
        let attribute = path_attribute(&write(&folder, claim)?);
        let all = format!("//! The reference, for clippy.\n\n{attribute}pub mod solution;\n");
        text::update(&folder.join("solutions.rs"), &all)?;
    }
    let package = package(study, tests)?;
    workspace::lay_out(&study.root, &folder, |manifest| manifest.extend(package))?;
    Ok(folder)
}

/// Writes the files of a version, and returns its `lib.rs`.
fn write(folder: &Path, claim: &Claim) -> Result<PathBuf> {
    let place = folder.join("versions").join(&claim.version);
    for (name, text) in &claim.files {
        text::update(&place.join(name), text)?;
    }
    Ok(place.join("lib.rs"))
}

/// A version beside the tests, as the learner's test program has them.
fn module(study: &Study, claim: &Claim, test: &str, lib: &Path) -> String {
    let milestones = study.root.join(FOLDER).join("milestones");
    let milestones = format!("{:?}", milestones.to_string_lossy());
    let milestones = milestones.trim_matches('"');
    let code: String =
        test.lines().filter(|line| !line.starts_with("//!")).map(|line| format!("    {line}\n")).collect();
    let code = code
        .replace("    use project as sut;\n", &format!("    {}    pub mod sut;\n", path_attribute(lib)))
        .replace("\"../milestones/", &format!("\"{milestones}/"))
        .replace(
            START,
            &format!(
                "{{ let mut program = {START}; program.env({VERSION:?}, {:?}); program }}",
                claim.version
            ),
        );
    format!("\nmod {} {{{code}}}\n", claim.version)
}

/// The program of all versions.
fn program(versions: &[(String, PathBuf)]) -> String {
    let (mut modules, mut arms) = (String::new(), String::new());
    for (version, lib) in versions {
        modules += &format!("\n{}mod {version};\n", path_attribute(lib));
        arms += &format!("        {version:?} => {version}::program::main(),\n");
    }
    format!(
        "//! The program of every version.\n{modules}\nfn main() -> std::process::ExitCode {{\n    \
         match std::env::var({VERSION:?}).unwrap_or_default().as_str() {{\n{arms}        \
         version => panic!(\"no version {{version}}\"),\n    }}\n}}\n"
    )
}

/// The package's own tables. Lints and dependencies are those of the learner's crate.
fn package(study: &Study, tests: Vec<Value>) -> Result<Table> {
    let file = Path::new(FOLDER).join("Cargo.toml");
    let manifest: Table =
        text::read(&study.root.join(&file))?.parse().with_context(|| file.display().to_string())?;
    let table = |name: &str| manifest.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
    let mut dependencies = table("dependencies");
    dependencies.extend(table("dev-dependencies"));
    let mut package = Table::from_iter([
        ("name".to_owned(), Value::from(PROOFS)),
        ("edition".to_owned(), Value::from(Table::from_iter([("workspace".to_owned(), Value::from(true))]))),
    ]);
    for found_by_itself in ["autolib", "autobins", "autotests", "autoexamples"] {
        package.insert(found_by_itself.to_owned(), Value::from(false));
    }
    Ok(Table::from_iter([
        ("package".to_owned(), Value::from(package)),
        ("bin".to_owned(), Value::from(vec![target(PACKAGE, "program.rs")])),
        ("example".to_owned(), Value::from(vec![solutions()])),
        ("test".to_owned(), Value::from(tests)),
        ("lints".to_owned(), Value::from(table("lints"))),
        ("dependencies".to_owned(), Value::from(dependencies)),
    ]))
}
