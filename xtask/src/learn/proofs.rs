//! Lays out the proofs of the exercises: one package below `target/`, with a test program for each exercise that holds every
//! answer to it, each beside the very tests that the learner runs. So that one build serves them all, only what the compiler
//! must reject is a program of its own. Builds and runs nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use toml::{Table, Value};

use crate::answer::{Answer, Kind, Outcome};
use crate::course::{Begins, Exercise, ExerciseId};
use crate::learn::Study;
use crate::{text, workspace};

pub(super) const PACKAGE: &str = "proofs";
/// All solutions in one program, for clippy.
pub(super) const SOLUTIONS: &str = "solutions";

/// One version of an exercise, and what must become of it.
#[derive(Debug)]
pub(super) struct Claim {
    pub id: ExerciseId,
    /// The module that holds it and its tests: `starter`, `solution`, `plausible_sorted_by_id`.
    pub module: String,
    pub outcome: Outcome,
    /// The test program that holds the module: `10-1`.
    pub program: String,
    source: String,
}

impl Claim {
    pub(super) fn must_compile(&self) -> bool {
        !matches!(self.outcome, Outcome::DoesNotCompile(_))
    }
}

/// Writes the package for the whole course. Returns where it lies.
pub(super) fn lay_out(study: &Study, claims: &[Claim]) -> Result<PathBuf> {
    let folder = workspace::folder(&study.root, PACKAGE);
    let (mut tests, mut solutions) = (Vec::new(), String::new());
    let mut rest = claims;
    while let Some(first) = rest.first() {
        let (program, others) =
            rest.split_at(rest.iter().take_while(|claim| claim.program == first.program).count());
        rest = others;
        let exercise = study.course.exercise(first.id)?;
        let place = folder.join(&first.program);
        text::update(&place.join("spec.rs"), &text::read(&exercise.spec_file(&study.root))?)?;
        let mut modules = format!("//! Answers to exercise {}, each with its tests.\n", first.id);
        for claim in program {
            let file = place.join(&claim.module).with_extension("rs");
            text::update(&file, &claim.source)?;
            modules += &format!(
                "\nmod {} {{\n    {}    pub mod sut;\n    {}    mod spec;\n}}\n",
                claim.module,
                path_attribute(&file),
                path_attribute(&place.join("spec.rs"))
            );
            if claim.module == "solution" {
                let name = first.program.replace('-', "_");
                solutions += &format!("{}pub mod solution_{name};\n", path_attribute(&file));
            }
        }
        text::update(&place.join("main.rs"), &modules)?;
        tests.push(target(&first.program, &format!("{}/main.rs", first.program)));
    }
    let solutions = format!("//! Every solution, for clippy.\n\n{solutions}");
    text::update(&folder.join("solutions.rs"), &solutions)?;
    let package = package(study, tests)?;
    workspace::lay_out(&study.root, &folder, |manifest| manifest.extend(package))?;
    Ok(folder)
}

/// What must become of every version of an exercise. `Err` names the file that cannot be read.
pub(super) fn claims(study: &Study, exercise: &Exercise) -> Result<Vec<Claim>> {
    let carved = study.carved(exercise)?;
    let program = format!("{}-{}", exercise.id.lesson, exercise.id.number);
    let claim = |module: String, outcome: Outcome, source: String| {
        let program = match outcome {
            Outcome::DoesNotCompile(_) => format!("{program}-{module}"),
            Outcome::Passes | Outcome::Fails(_) => program.clone(),
        };
        Claim { id: exercise.id, module, outcome, program, source }
    };
    let fails_with = exercise.fails_with.clone();
    let fails = match exercise.begins {
        Begins::FailingTest => Outcome::Fails(fails_with),
        Begins::CompileError => Outcome::DoesNotCompile(fails_with),
    };
    let mut claims = vec![
        claim("solution".to_owned(), Outcome::Passes, carved.solution()),
        claim("starter".to_owned(), fails, carved.starter()),
    ];
    for answer in answers(study, exercise)? {
        let module = format!("{}_{}", answer.kind.word(), answer.name);
        let file = answer.kind.file(&exercise.folder, &answer.name);
        let source = answer.source(&carved).with_context(|| file.display().to_string())?;
        claims.push(claim(module, answer.outcome, source));
    }
    // The versions of one program stand together.
    claims.sort_by(|a, b| a.program.cmp(&b.program));
    Ok(claims)
}

/// The other answers to an exercise, in the order of their names.
pub(super) fn answers(study: &Study, exercise: &Exercise) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for kind in [Kind::Plausible, Kind::Alternative] {
        for name in names(&exercise.answers(&study.root, kind))? {
            let file = kind.file(&exercise.folder, &name);
            let answer =
                text::read(&study.root.join(&file)).and_then(|text| Answer::parse(kind, &name, &text));
            answers.push(answer.map_err(|error| anyhow!("{}: {error:#}", file.display()))?);
        }
    }
    Ok(answers)
}

/// The Rust files of a folder, which may be missing.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "rs") {
                names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
            }
        }
    }
    names.sort();
    Ok(names)
}

/// The package's own tables: the lints and the dependencies are those of all exercises.
fn package(study: &Study, tests: Vec<Value>) -> Result<Table> {
    let (mut dependencies, mut lints) = (Table::new(), Table::new());
    for exercise in study.course.exercises() {
        let file = exercise.folder.join("Cargo.toml");
        let manifest: Table =
            text::read(&study.root.join(&file))?.parse().with_context(|| file.display().to_string())?;
        let table = |name: &str| manifest.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        dependencies.extend(table("dependencies"));
        dependencies.extend(table("dev-dependencies"));
        lints.extend(table("lints"));
    }
    let mut package = Table::from_iter([
        ("name".to_owned(), Value::from(PACKAGE)),
        ("edition".to_owned(), Value::from(Table::from_iter([("workspace".to_owned(), Value::from(true))]))),
    ]);
    for found_by_itself in ["autolib", "autobins", "autotests", "autoexamples"] {
        package.insert(found_by_itself.to_owned(), Value::from(false));
    }
    Ok(Table::from_iter([
        ("package".to_owned(), Value::from(package)),
        ("example".to_owned(), Value::from(vec![solutions()])),
        ("test".to_owned(), Value::from(tests)),
        ("lints".to_owned(), Value::from(lints)),
        ("dependencies".to_owned(), Value::from(dependencies)),
    ]))
}

/// A library, as the learner's crate is: clippy looks at what is public.
pub(super) fn solutions() -> Value {
    let mut solutions = target(SOLUTIONS, "solutions.rs");
    let table = solutions.as_table_mut().expect("a target is a table");
    table.insert("crate-type".to_owned(), vec!["lib"].into());
    solutions
}

pub(super) fn target(name: &str, path: &str) -> Value {
    Value::from(Table::from_iter([
        ("name".to_owned(), Value::from(name)),
        ("path".to_owned(), Value::from(path)),
    ]))
}

/// An absolute path: a relative one would count from a folder that does not exist.
pub(super) fn path_attribute(file: &Path) -> String {
    format!("#[path = {:?}]\n", file.to_string_lossy())
}
