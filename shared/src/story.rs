//! The story of a lesson: scenes that run on the real clock to be watched, or on the paused one to be exact.

mod wanted;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, io};

use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::journal::say;
use crate::schedule::Claims;
use crate::{HOUR, Journal, Timeline, assert_artifact};
use wanted::{Clock, FOR_REAL, Wanted};

/// A scene at work. It stays on its thread, so it need not be `Send`.
type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// The scenes of a lesson, in order. A scene is an async function that gets a [`Journal`].
///
/// `main.rs` is then `lesson_11::story().play()`, and a test keeps the printed timelines and the pictures of the
/// book equal to what the code does: [`Story::assert_artifacts`].
pub struct Story {
    title: &'static str,
    scenes: Vec<Scene>,
    for_real: Option<ForReal>,
    claims: Option<Claims>,
}

struct Scene {
    /// Names its picture and its anchor in `timeline.txt`.
    name: &'static str,
    title: &'static str,
    /// How many times shorter its waits are on the real clock.
    hurry: u32,
    play: Box<dyn Fn(Journal, Pace) -> Boxed<()>>,
}

/// What leaves something behind, and so is played on the real clock only.
struct ForReal {
    title: &'static str,
    writes: Writes,
    play: Box<dyn Fn(Journal, PathBuf) -> Boxed<io::Result<()>>>,
}

/// What is left in the folder that `--log` names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writes {
    Nothing,
    Files,
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

impl Story {
    /// A story without scenes.
    pub fn new(title: &'static str) -> Self {
        Self { title, scenes: Vec::new(), for_real: None, claims: None }
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

    /// Adds a scene whose waits are `hurry` times shorter on the real clock, and the story says so.
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
        let play = Box::new(move |journal, pace| -> Boxed<()> {
            let scene = play(journal, pace);
            Box::pin(async { drop(scene.await) })
        });
        self.scenes.push(Scene { name, title, hurry, play });
        self
    }

    /// Adds what needs the real world: a socket, a process. It comes after all scenes, and never on the paused clock, which must
    /// not wait for them.
    pub fn for_real<F>(self, title: &'static str, play: impl Fn(Journal) -> F + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + 'static,
    {
        self.ending_with(title, Writes::Nothing, move |journal, _| play(journal))
    }

    /// The same for what writes files. It gets a folder: the one that `--log FOLDER` names, else the current one.
    pub fn for_real_in<F>(self, title: &'static str, play: impl Fn(Journal, PathBuf) -> F + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + 'static,
    {
        self.ending_with(title, Writes::Files, play)
    }

    fn ending_with<F>(
        mut self,
        title: &'static str,
        writes: Writes,
        play: impl Fn(Journal, PathBuf) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = io::Result<()>> + 'static,
    {
        let play =
            Box::new(move |journal, folder| -> Boxed<io::Result<()>> { Box::pin(play(journal, folder)) });
        self.for_real = Some(ForReal { title, writes, play });
        self
    }

    /// Adds what the lesson claims of every schedule; `cargo x schedule` asks for it.
    #[must_use]
    pub fn claims(self, claims: Claims) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// What `main` does: plays the scenes on the real clock; with `--virtual` at once, on the paused one. `--scene NAME` plays
    /// one of them, and `--list` names them. `schedule` tests the claims instead.
    pub fn play(&self) -> ExitCode {
        let mut arguments = env::args().skip(1).peekable();
        if let Some(claims) = &self.claims
            && arguments.next_if(|first| first == "schedule").is_some()
        {
            return claims.play(arguments);
        }
        let wanted = match Wanted::parse(arguments).and_then(|wanted| self.checked(wanted)) {
            Ok(wanted) => wanted,
            Err(complaint) => {
                eprintln!("error: {complaint}\n\n{}", self.usage());
                return ExitCode::from(2);
            }
        };
        match wanted {
            Wanted::Help => say(self.usage()),
            Wanted::List => say(self.listed()),
            Wanted::Scenes { clock: Clock::Paused, only, .. } => {
                say(self.printed_only(only.as_deref()).trim_end())
            }
            Wanted::Scenes { clock: Clock::Real, only, folder } => {
                return self.play_on_the_real_clock(only.as_deref(), folder.as_deref().unwrap_or("."));
            }
        }
        ExitCode::SUCCESS
    }

    /// What `--virtual` prints.
    pub fn printed(&self) -> String {
        self.printed_only(None)
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

    fn printed_only(&self, only: Option<&str>) -> String {
        let scenes: Vec<String> = self.chosen(only).map(Scene::printed).collect();
        format!("{}\n\n{}", self.title, scenes.join("\n"))
    }

    fn chosen(&self, only: Option<&str>) -> impl Iterator<Item = &Scene> {
        self.scenes.iter().filter(move |scene| only.is_none_or(|name| name == scene.name))
    }

    /// Refuses a scene that this story does not have, and a folder where nothing is written.
    fn checked(&self, wanted: Wanted) -> Result<Wanted, String> {
        if let Wanted::Scenes { clock, only, folder } = &wanted {
            let is_real = matches!(clock, Clock::Real);
            if folder.is_some() && !(is_real && self.writes_files()) {
                return Err("--log: this writes no file".to_owned());
            }
            let known = |name: &String| {
                self.scenes.iter().any(|scene| scene.name == name)
                    || (is_real && self.for_real.is_some() && name == FOR_REAL)
            };
            if let Some(name) = only.as_ref().filter(|name| !known(name)) {
                return Err(format!("--scene: there is no `{name}`; the scenes are\n{}", self.listed()));
            }
        }
        Ok(wanted)
    }

    fn writes_files(&self) -> bool {
        self.for_real.as_ref().is_some_and(|last| last.writes == Writes::Files)
    }

    fn listed(&self) -> String {
        let scenes = self.scenes.iter().map(|scene| (scene.name, scene.title));
        let rows: Vec<_> = scenes.chain(self.for_real.iter().map(|last| (FOR_REAL, last.title))).collect();
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let lines: Vec<String> =
            rows.iter().map(|(name, title)| format!("  {name:<width$}  {title}")).collect();
        lines.join("\n")
    }

    fn usage(&self) -> String {
        let mut lines = vec![
            "usage: cargo run -p lesson-NN [-- OPTIONS]".to_owned(),
            "  --list        name the scenes".to_owned(),
            "  --scene NAME  play only this one".to_owned(),
            "  --virtual     run on the paused clock: full size, and at once".to_owned(),
        ];
        if self.writes_files() {
            lines.push("  --log FOLDER  write files there instead of in the current folder".to_owned());
        }
        lines.join("\n")
    }

    fn play_on_the_real_clock(&self, only: Option<&str>, folder: &str) -> ExitCode {
        say(format_args!("{}\n", self.title));
        for scene in self.chosen(only) {
            say(scene.title);
            if scene.hurry > 1 {
                say(format_args!(
                    "(each wait is {} times shorter than stated; with --virtual it is full size)",
                    scene.hurry
                ));
            }
            say("");
            scene.run(Clock::Real);
            say(format_args!("\nThe same on the paused clock:\n\n{}", scene.timeline().text()));
        }
        let for_real = self.for_real.as_ref().filter(|_| only.is_none_or(|name| name == FOR_REAL));
        match for_real.map(|for_real| for_real.run(folder)) {
            None | Some(Ok(())) => ExitCode::SUCCESS,
            Some(Err(error)) => {
                eprintln!("error: {folder}: {error}");
                ExitCode::FAILURE
            }
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
                panic!("no task of the scene \"{}\" can make progress", self.name);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Wanted, String> {
        let story = Story::new("Two").scene("a", "A", |_| async {}).scene("bc", "B", |_| async {});
        Wanted::parse(line.split_whitespace().map(str::to_owned)).and_then(|wanted| story.checked(wanted))
    }

    #[test]
    fn the_command_line_is_understood() {
        let scenes = |clock, only: Option<&str>| {
            Ok(Wanted::Scenes { clock, only: only.map(str::to_owned), folder: None })
        };
        assert_eq!(parsed(""), scenes(Clock::Real, None));
        assert_eq!(parsed("--scene bc --virtual"), scenes(Clock::Paused, Some("bc")));
        assert_eq!(parsed("--list"), Ok(Wanted::List));
        assert_eq!(parsed("-h"), Ok(Wanted::Help));
    }

    #[test]
    fn what_is_wrong_with_it_is_named() {
        assert_eq!(
            parsed("--scene d").unwrap_err(),
            "--scene: there is no `d`; the scenes are\n  a   A\n  bc  B"
        );
        assert_eq!(parsed("--scene").unwrap_err(), "--scene needs a value");
        assert_eq!(parsed("--vitual").unwrap_err(), "unexpected argument `--vitual`");
        assert_eq!(parsed("--log x").unwrap_err(), "--log: this writes no file");
        assert_eq!(
            parsed("--scene for-real").unwrap_err().lines().next(),
            Some("--scene: there is no `for-real`; the scenes are")
        );
    }

    #[test]
    fn one_scene_alone_can_be_printed() {
        let story = Story::new("Two").scene("a", "A", |_| async {}).scene("b", "B", |_| async {});
        assert!(
            story.printed_only(Some("b")).contains("\nB\n")
                && !story.printed_only(Some("b")).contains("\nA\n")
        );
    }
}
