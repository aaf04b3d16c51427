//! `cargo x learn` on a terminal: a course of one exercise and one milestone, an editor that saves in three ways, and the terminal
//! afterwards. The terminal is one of `script`, which is part of util-linux; without it nothing is tested here.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use xtask::text;

const STARTER: &str = "//! One.\n\npub fn one() -> u32 {\n    0\n}\n";
/// Fails, with a warning that may say why.
const WRONG: &str = "//! One.\n\npub fn one() -> u32 {\n    let unused = 1;\n    0\n}\n";
const BROKEN: &str = "//! One.\n\npub fn one() -> u32 {\n    x\n}\n";
const SOLVED: &str = "//! One.\n\npub fn one() -> u32 {\n    1\n}\n";
const LEAVES_THE_SCREEN: &str = "\x1b[?1049l";

/// A course of one lesson and one exercise that depend on nothing, so that they compile at once.
fn lay_out(root: &Path) {
    let exercise = root.join("exercises/10-s/1-n");
    let manifest = "[package]\nname = \"exercise-10-1\"\nedition = \"2024\"\n[lib]\ntest = false\n\
        [[test]]\nname = \"learner\"\npath = \"tests/learner.rs\"\ntest = false\n";
    let course = "[[lesson]]\nnumber = 10\nslug = \"s\"\ntitle = \"First\"\n[[lesson.exercise]]\nnumber = 1\n\
        name = \"n\"\ntitle = \"One\"\nminutes = 5\ndifficulty = 1\nfails_with = \"left\"\nhints = [\"a\", \"b\", \"c\"]\n";
    let marked = "//! One.\n\npub fn one() -> u32 {\n    //~ begin\n    1\n    //~ starter\n    //~| 0\n    //~ end\n}\n";
    for (file, text) in [
        ("Cargo.toml", manifest),
        ("src/lib.rs", "pub mod exercise;\n"),
        ("src/exercise.rs", STARTER),
        ("answers/solution.rs", marked),
        ("spec.rs", "#[test]\nfn it_is_one() {\n    assert_eq!(super::sut::one(), 1);\n}\n"),
        ("tests/learner.rs", "use exercise_10_1::exercise as sut;\n#[path = \"../spec.rs\"]\nmod spec;\n"),
    ] {
        text::write(&exercise.join(file), text).unwrap();
    }
    lay_out_project(root);
    let lesson = root.join("lessons/10-s");
    text::write(&lesson.join("Cargo.toml"), "[package]\nname = \"lesson-10\"\nedition = \"2024\"\n").unwrap();
    text::write(&lesson.join("src/schedule.rs"), "//! Claims.\n").unwrap();
    let main = "fn main() {\n    println!(\"Claim: {:?}\", std::env::args().nth(1));\n}\n";
    text::write(&lesson.join("src/main.rs"), main).unwrap();
    text::write(&root.join("exercises/course.toml"), course).unwrap();
    text::write(
        &root.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"exercises/10-s/*\", \"exercises/project\", \"lessons/*\"]\n",
    )
    .unwrap();
}

/// A project of one milestone, whose function is the exercise's.
fn lay_out_project(root: &Path) {
    let manifest = "[package]\nname = \"project\"\nedition = \"2024\"\n[lib]\ntest = false\n\
        [[test]]\nname = \"milestone-1\"\npath = \"tests/milestone_1.rs\"\ntest = false\n";
    let milestones = "[[milestone]]\ntitle = \"It is one\"\nafter = 10\nseconds = 10\nfile = \"lib.rs\"\nfails_with = \"left\"\n\
        hints = [\"a\", \"b\", \"c\"]\n";
    for (file, text) in [
        ("Cargo.toml", manifest),
        ("milestones.toml", milestones),
        ("src/lib.rs", STARTER),
        ("src/main.rs", "fn main() {}\n"),
        ("milestones/1_one.rs", "#[test]\nfn it_is_one() {\n    assert_eq!(super::sut::one(), 1);\n}\n"),
        ("tests/milestone_1.rs", "use project as sut;\n#[path = \"../milestones/1_one.rs\"]\nmod one;\n"),
    ] {
        text::write(&root.join("exercises/project").join(file), text).unwrap();
    }
}

/// `cargo x learn` on a terminal of 60 columns.
struct Screen {
    script: Child,
    chunks: Receiver<Vec<u8>>,
    seen: String,
}

impl Screen {
    fn open(root: &Path, arguments: &str) -> Screen {
        // The settings of the terminal before and after.
        let commands = format!(
            "stty cols 60 rows 30; echo \"stty $(stty -g)\"; \"$XTASK\" learn {arguments}; \
             echo \"ended with $?\"; echo \"stty $(stty -g)\""
        );
        let mut script = Command::new("script")
            .args(["--quiet", "--flush", "--command", &commands, "/dev/null"])
            .env("XTASK", env!("CARGO_BIN_EXE_xtask"))
            .env("CARGO_MANIFEST_DIR", root.join("xtask"))
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = script.stdout.take().unwrap();
        let (sender, chunks) = sync_channel(64);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Screen { script, chunks, seen: String::new() }
    }

    /// Waits until this is written, and forgets what was before.
    #[track_caller]
    fn shows(&mut self, part: &str) {
        loop {
            if let Some(at) = self.seen.find(part) {
                self.seen.drain(..at);
                return;
            }
            match self.chunks.recv_timeout(Duration::from_secs(60)) {
                Ok(chunk) => self.seen += &String::from_utf8_lossy(&chunk),
                Err(_) => panic!("{part:?} does not come:\n{}", self.seen),
            }
        }
    }

    /// The settings of the terminal, which the shell prints.
    #[track_caller]
    fn settings(&mut self) -> String {
        self.shows("stty ");
        while !self.seen.contains('\n') {
            let chunk = self.chunks.recv_timeout(Duration::from_secs(60)).expect("a whole line");
            self.seen += &String::from_utf8_lossy(&chunk);
        }
        let line = self.seen.lines().next().unwrap_or_default().to_owned();
        self.seen.drain(..line.len());
        line
    }

    fn press(&mut self, key: &str) {
        self.script.stdin.as_mut().unwrap().write_all(key.as_bytes()).unwrap();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Of a test that has failed; else it has ended.
        self.script.kill().ok();
        self.script.wait().ok();
    }
}

fn has_script() -> bool {
    let has = Command::new("script").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has {
        eprintln!("skipped: `script` of util-linux is not here");
    }
    has
}

#[test]
fn every_way_of_saving_is_seen_and_the_terminal_is_given_back() {
    if !has_script() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a course");
    lay_out(&root);
    let file = root.join("exercises/10-s/1-n/src/exercise.rs");
    for quit in ["q", "\x03"] {
        text::write(&file, STARTER).unwrap();
        let mut screen = Screen::open(&root, "");
        let settings = screen.settings();
        screen.shows("1 of 1 tests failed");

        text::write(&file, WRONG).unwrap();
        screen.shows("unused variable: `unused`");
        screen.shows("1 of 1 tests failed");

        let other = file.with_extension("new");
        text::write(&other, SOLVED).unwrap();
        fs::rename(&other, &file).unwrap();
        screen.shows("10.1 is solved: 1 test passed");

        text::write(&file, BROKEN).unwrap();
        screen.shows("it does not compile yet");

        fs::File::create(&file).unwrap().set_len(0).unwrap();
        text::write(&file, SOLVED).unwrap();
        screen.shows("10.1 is solved: 1 test passed");

        screen.press("x");
        screen.shows("Claim: Some(\"schedule\")");

        screen.press("\x1b");
        screen.shows("Compare yours with the solution");
        screen.press(quit);
        screen.shows(LEAVES_THE_SCREEN);
        screen.shows("ended with 0");
        assert_eq!(screen.settings(), settings);
    }
}

#[test]
fn the_project_is_watched_and_the_terminal_is_given_back() {
    if !has_script() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let file = folder.path().join("exercises/project/src/lib.rs");
    for quit in ["q", "\x03"] {
        text::write(&file, STARTER).unwrap();
        let mut screen = Screen::open(folder.path(), "project 1 --watch");
        let settings = screen.settings();
        screen.shows("1 of 1 tests failed");
        screen.shows("save a file");

        text::write(&file, BROKEN).unwrap();
        screen.shows("it does not compile yet");
        screen.shows("save a file");
        screen.press("h");
        screen.shows("of 3");
        screen.shows("save a file");

        text::write(&file, SOLVED).unwrap();
        screen.shows("milestone 1 is reached");
        screen.shows("save a file");

        screen.press("\r");
        screen.shows("milestone 1 is reached");
        screen.shows("save a file");
        screen.press(quit);
        screen.shows("ended with 0");
        assert_eq!(screen.settings(), settings);
    }
}
