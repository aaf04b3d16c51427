//! The story of a lesson: scenes that run on the real clock to be watched, or on the paused one to be exact.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, io};

use futures::future::{FutureExt, LocalBoxFuture};
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::journal::say;
use crate::{HOUR, Journal, Timeline, assert_artifact};

/// The scenes of a lesson, in order. A scene is an async function that gets a [`Journal`].
///
/// `main.rs` is then `lesson_11::story().tell()`, and a test keeps the printed timelines and the pictures of the
/// book equal to what the code does: [`Story::assert_artifacts`].
pub struct Story {
    title: &'static str,
    scenes: Vec<Scene>,
    for_real: Option<ForReal>,
}

struct Scene {
    /// Names its picture and its anchor in `timeline.txt`.
    name: &'static str,
    title: &'static str,
    /// How many times shorter its waits are on the real clock.
    hurry: u32,
    play: Box<dyn Fn(Journal, Pace) -> LocalBoxFuture<'static, ()>>,
}

/// What leaves something behind, and so is played on the real clock only.
struct ForReal {
    title: &'static str,
    play: Box<dyn Fn(Journal, PathBuf) -> LocalBoxFuture<'static, io::Result<()>>>,
}

/// How long a wait takes: full size on the paused clock, shorter on the real one where a scene asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    hurry: u32,
}

impl Pace {
    /// As long as it says.
    pub const FULL: Self = Self { hurry: 1 };

    /// How long to wait where the story says `full`.
    pub fn of(self, full: Duration) -> Duration {
        full / self.hurry
    }
}

#[derive(Clone, Copy)]
enum Clock {
    Real,
    Paused,
}

impl Story {
    /// A story without scenes.
    pub fn new(title: &'static str) -> Self {
        Self { title, scenes: Vec::new(), for_real: None }
    }

    /// Adds a scene that is as long on the real clock as on the paused one. All scenes together should take at
    /// most 5 s. A scene may run more than once, so it must leave nothing behind.
    pub fn scene<F>(
        self,
        name: &'static str,
        title: &'static str,
        play: impl Fn(Journal) -> F + 'static,
    ) -> Self
    where
        F: Future + 'static,
    {
        self.hurried_scene(name, title, 1, move |journal, _| play(journal))
    }

    /// Adds a scene whose waits are `hurry` times shorter on the real clock, which the story says when it is told.
    /// The scene gets them from its [`Pace`].
    pub fn hurried_scene<F>(
        mut self,
        name: &'static str,
        title: &'static str,
        hurry: u32,
        play: impl Fn(Journal, Pace) -> F + 'static,
    ) -> Self
    where
        F: Future + 'static,
    {
        let play = Box::new(move |journal, pace| play(journal, pace).map(drop).boxed_local());
        self.scenes.push(Scene { name, title, hurry, play });
        self
    }

    /// Adds what a lesson writes to a file. It comes after all scenes, and never on the paused clock, which must not wait
    /// for a disk. It gets a folder: the one that `--log FOLDER` names, else the one that the program was started from.
    pub fn for_real<F>(mut self, title: &'static str, play: impl Fn(Journal, PathBuf) -> F + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + 'static,
    {
        let play = Box::new(move |journal, folder| play(journal, folder).boxed_local());
        self.for_real = Some(ForReal { title, play });
        self
    }

    /// What `main` does: tells the story on the real clock; with `--virtual` at once, on the paused one.
    pub fn tell(&self) -> ExitCode {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let folder = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => ".",
            ["--log", folder] if self.for_real.is_some() => folder,
            ["--virtual"] => {
                say(self.printed().trim_end());
                return ExitCode::SUCCESS;
            }
            _ => {
                self.explain_usage();
                return ExitCode::from(2);
            }
        };
        self.tell_on_the_real_clock();
        let Some(for_real) = &self.for_real else { return ExitCode::SUCCESS };
        match for_real.run(folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        }
    }

    /// What `--virtual` prints.
    pub fn printed(&self) -> String {
        let scenes: Vec<String> = self.scenes.iter().map(Scene::printed).collect();
        format!("{}\n\n{}", self.title, scenes.join("\n"))
    }

    /// Asserts that the lesson's `timeline.txt` and the pictures under `book/src/img` show what the code does.
    /// `BLESS=1` rewrites them. Call it as `story().assert_artifacts(env!("CARGO_MANIFEST_DIR"))`, in a plain
    /// `#[test]`: it starts a runtime for each scene.
    #[track_caller]
    pub fn assert_artifacts(&self, lesson_folder: impl AsRef<Path>) {
        let lesson_folder = lesson_folder.as_ref();
        let stem = lesson_folder.file_name().expect("a lesson lies in a folder");
        let pictures = lesson_folder.join("../../book/src/img").join(stem);

        let mut text = format!("{}\n", self.title);
        for scene in &self.scenes {
            let (name, printed) = (scene.name, scene.printed());
            text += &format!("\n# ANCHOR: {name}\n{printed}# ANCHOR_END: {name}\n");
        }
        assert_artifact(lesson_folder.join("timeline.txt"), &text);
        for scene in &self.scenes {
            let svg = scene.timeline().svg(scene.name);
            assert_artifact(pictures.join(scene.name).with_extension("svg"), &svg);
        }
        for file in fs::read_dir(&pictures).expect("the pictures are there").flatten() {
            let known = self.scenes.iter().any(|scene| file.file_name() == *format!("{}.svg", scene.name));
            assert!(known, "{} shows no scene of this story: remove it", file.path().display());
        }
    }

    fn explain_usage(&self) {
        eprintln!("usage: cargo run -p lesson-NN [-- FLAG]");
        eprintln!("  --virtual     run on the paused clock: full size, and at once");
        if self.for_real.is_some() {
            eprintln!("  --log FOLDER  write the log file there, instead of in the folder you start it from");
        }
    }

    fn tell_on_the_real_clock(&self) {
        say(format_args!("{}\n", self.title));
        for scene in &self.scenes {
            say(scene.title);
            if scene.hurry > 1 {
                say(format_args!(
                    "(each wait is {} times shorter than it says; with --virtual it is full size)",
                    scene.hurry
                ));
            }
            say("");
            scene.run(Clock::Real);
            say(format_args!("\nThe same on the paused clock:\n\n{}", scene.timeline().text()));
        }
    }
}

impl ForReal {
    fn run(&self, folder: &str) -> io::Result<()> {
        say(format_args!("{}\n", self.title));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { (self.play)(Journal::printing(), folder.into()).await })
    }
}

impl Scene {
    fn run(&self, clock: Clock) -> Journal {
        let mut runtime = Builder::new_current_thread();
        runtime.enable_all();
        let pace = match clock {
            Clock::Real => Pace { hurry: self.hurry },
            Clock::Paused => {
                runtime.start_paused(true);
                Pace::FULL
            }
        };
        runtime.build().expect("a runtime starts").block_on(async {
            let journal = match clock {
                Clock::Real => Journal::printing(),
                Clock::Paused => Journal::new(),
            };
            if timeout(HOUR, (self.play)(journal.clone(), pace)).await.is_err() {
                panic!("no task of the scene \"{}\" can go on", self.name);
            }
            journal
        })
    }

    fn timeline(&self) -> Timeline {
        Timeline::new(self.title, &self.run(Clock::Paused))
    }

    fn printed(&self) -> String {
        let timeline = self.timeline();
        format!("{}\n\n{}", timeline.title(), timeline.text())
    }
}
