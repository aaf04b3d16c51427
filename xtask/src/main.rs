//! The command line of the workspace's tools: `cargo x …`. Parses and prints; the work is in the library.

#![deny(clippy::print_stdout)] // `say` survives a closed pipe

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use xtask::learn::{self, Hints, Strictness, Study, Which};
use xtask::new_lesson::Names;
use xtask::paint::Paint;
use xtask::schedule::{self, Asked};
use xtask::test_all::{report, strictness, test_all};
use xtask::tools::{self, Found, Required};
use xtask::{book, cargo, new_lesson, orders, say, text};

/// The workspace's own tools. A learner needs `cargo x learn`, a contributor `cargo x test-all`.
#[derive(Parser)]
#[command(name = "cargo x", bin_name = "cargo x", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: X,
}

const LEARN_HELP: &str = "\
An exercise is one file, src/exercise.rs in its folder, and tests that fail until you have solved it. With an editor beside it:

  cargo x learn              watches; every save is compiled and tested at once
  cargo x learn watch 14.2   the same, at exercise 14.2

By single commands, or with `cargo test -p exercise-11-1 --test learner`, whose success counts too:

  cargo x learn next         the next exercise and its task
  cargo x learn run 11.1     compiles and tests your file
  cargo x learn hint 11.1    the first of three hints; again for the next one

Your progress is in .course/progress.txt, and nothing else is changed but the files that you edit.";

#[derive(Subcommand)]
enum X {
    /// The exercises: watch one while you edit it, get a hint, go on to the next
    ///
    /// Without a command it shows where you stand and watches the exercise that you were at: save your file, and see what
    /// happens. Keys: n next, h hint, l list, t task, r reset, s solution, q quit. Where there is no terminal, it lists all
    /// exercises.
    #[command(after_help = LEARN_HELP)]
    Learn {
        #[command(subcommand)]
        command: Option<Learn>,
    },
    /// Runs a lesson's story in many schedules: which task goes on first, how long a wait takes
    ///
    /// It says in how many a wrong version breaks what it claims, shows the timeline of the first, and that the right one holds in
    /// all. Without a lesson it lists those that have claims.
    Schedule {
        /// As in 14
        lesson: Option<u32>,
        /// Only this claim, as it is named in the output
        #[arg(long, requires = "lesson")]
        claim: Option<String>,
        /// Only this schedule, again and with its timeline; 0 is that of an ordinary run
        #[arg(long, requires = "lesson", conflicts_with = "schedules")]
        seed: Option<u64>,
        /// How many schedules of each version; 10,000 unless there are fewer
        #[arg(long, requires = "lesson", value_name = "COUNT")]
        schedules: Option<u64>,
    },
    /// The fast check: the tests of the workspace
    Test,
    /// Everything that must hold before a change is taken
    ///
    /// Format, clippy, tests, the proofs of the exercises, the book and its links. A failing step does not stop the others;
    /// the last line counts the tests and steps that passed and failed. With CI=true nothing may be missing.
    TestAll {
        /// Run only this step, as it is named in the output; may be repeated
        #[arg(long = "step", value_name = "NAME")]
        steps: Vec<String>,
    },
    /// Opens the book in the browser, rebuilt whenever a page changes
    Book,
    /// Lays out a lesson: its code, two exercises, its chapter
    ///
    /// The result compiles. It says what to fill in; `cargo x test-all` says what is still missing.
    NewLesson {
        /// The lesson's number, as in 12
        number: u32,
        /// What its folders are called, as in channel-kinds
        slug: String,
        /// What it is called in the book, as in "Channel kinds"
        title: String,
    },
    /// Fetches just, mdbook and the servers that tests start, into .tools/
    Tools {
        /// Only these
        #[arg(value_parser = PossibleValuesParser::new(tools::names()))]
        #[arg(default_values = tools::names(), hide_default_value = true)]
        names: Vec<String>,
        /// Print only what is fetched or missing
        #[arg(long)]
        quiet: bool,
    },
    /// Generates example messages, a JSON object a line; the same for the same seed
    Orders {
        #[arg(long, default_value_t = orders::SEED)]
        seed: u64,
        /// How many messages
        #[arg(long, default_value_t = orders::COUNT)]
        count: usize,
        /// A file to write instead of the standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// An ID is lesson and number, as in 11.2; a lone 11 is the first unsolved exercise of lesson 11.
#[derive(Subcommand)]
enum Learn {
    /// Compile and test an exercise whenever you save it; keys for everything else
    ///
    /// Without an ID it begins where you left off. It goes to whichever exercise you save, and checks again what was solved when its
    /// tests or your file have changed. Files are looked at ten times a second, so it works on every file system and with
    /// every editor. Without a terminal it runs the exercise once.
    Watch {
        /// As in 11.2
        id: Option<String>,
    },
    /// List all exercises by lesson, and which one is next
    List,
    /// Show the next exercise and its task
    Next,
    /// Show where you stand in a few lines
    Status,
    /// Build an exercise and run its tests, for at most 10 s
    Run {
        /// As in 11.2; the next one if there is none
        id: Option<String>,
    },
    /// Show one more hint each time, three in all
    Hint {
        /// As in 11.2 or project.3; the next exercise if there is none
        id: Option<String>,
        /// Only those that you have read already
        #[arg(long)]
        again: bool,
    },
    /// Show the solution, and other right answers: once it is solved, or when asked for twice
    Solution {
        /// As in 11.2 or project.3
        id: String,
    },
    /// Restore the exercise; your version is kept
    Reset {
        /// As in 11.2, or project
        id: String,
    },
    /// The project that you build: where you stand, and the tests of the next milestone
    Project {
        /// The tests of this milestone, as in 3
        milestone: Option<u32>,
        /// The tests of all milestones that you have reached
        #[arg(long, conflicts_with = "milestone")]
        all: bool,
        /// Again whenever you save a file of your crate, until you press q
        #[arg(long)]
        watch: bool,
    },
    /// For authors: prove each exercise four ways
    ///
    /// The solution passes, the starter fails with its message, every plausible wrong answer fails, every other right answer
    /// passes. It looks at the answers and not at your file.
    Verify {
        /// Exercises, as in 11.2, lessons, as in 11, milestones, as in project.3, or project; all of them if there are none
        ids: Vec<String>,
        /// An exercise that was changed is a failure (implied by CI=true)
        #[arg(long)]
        strict: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command, &root()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: X, root: &Path) -> Result<ExitCode> {
    let paint = Paint::for_stdout();
    match command {
        X::Learn { command } => return learn(command, Study::open(root, paint)?),
        X::Schedule { lesson: None, .. } => say::write(&schedule::list(root, paint)?),
        X::Schedule { lesson: Some(lesson), claim, seed, schedules } => {
            return schedule::run(root, lesson, &Asked { claim, seed, schedules }, paint);
        }
        X::Test => {
            let status = cargo::command(root).args(["test", "--workspace"]).status()?;
            return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        X::TestAll { steps } => return test_all(root, paint, &steps),
        X::Book => return book::read(root, paint),
        X::NewLesson { number, slug, title } => {
            say::write(&new_lesson::new_lesson(root, &Names { number, slug, title })?);
        }
        X::Tools { names, quiet } => return Ok(fetch(root, paint, &names, quiet)),
        X::Orders { seed, count, out } => {
            let lines = orders::generate(seed, count);
            match out {
                Some(file) => text::write(&file, &lines)?,
                None => say::write(&lines),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn learn(command: Option<Learn>, mut study: Study) -> Result<ExitCode> {
    let Some(command) = command else {
        if learn::can_watch() {
            return learn::watch(study, None);
        }
        say::write(&learn::begin(&mut study, |news| eprintln!("{news}"))?);
        return Ok(ExitCode::SUCCESS);
    };
    match command {
        Learn::Watch { id } => return learn::watch(study, id.as_deref()),
        Learn::List => say::write(&learn::list(&study, say::columns())),
        Learn::Next => say::write(&learn::next(&study, say::columns())),
        Learn::Status => say::write(&learn::status(&study)),
        Learn::Run { id } => return learn::run(&mut study, id.as_deref()),
        Learn::Hint { id, again } => {
            let which = if again { Hints::Read } else { Hints::Next };
            say::write(&say::fitted(&learn::hint(&mut study, id.as_deref(), which)?));
        }
        Learn::Solution { id } => say::write(&learn::solution(&mut study, &id)?),
        Learn::Reset { id } => say::write(&learn::reset(&mut study, &id)?),
        Learn::Project { milestone, all, watch } => {
            let which = match (milestone, all) {
                (Some(number), _) => Which::One(number),
                (None, true) => Which::Reached,
                (None, false) => Which::Next,
            };
            if watch {
                return learn::watch_project(study, which);
            }
            return learn::project(&mut study, which);
        }
        Learn::Verify { ids, strict } => {
            let strictness = if strict { Strictness::Strict } else { strictness() };
            let count = report(&learn::verify(&study, &study.pick_all(&ids)?, strictness)?, study.paint);
            say::say(format_args!("\n{count}"));
            if count.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Only what no recipe works without decides the exit code.
fn fetch(root: &Path, paint: Paint, names: &[String], quiet: bool) -> ExitCode {
    let found = tools::ensure(root, paint, names, |line| {
        if !quiet || !line.contains('✔') {
            say::say(line);
        }
    });
    let lost = |one: &Found| matches!(one, Found::Missing { required: Required::Yes, .. });
    if found.iter().any(lost) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The workspace: above the package that cargo runs, else above the one that was built.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}
