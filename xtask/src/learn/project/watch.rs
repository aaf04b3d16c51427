//! `cargo x learn project --watch`: the tests of a milestone, again whenever a file of the crate is saved. Between two runs it hears
//! keys. What a run prints is the business of [`project`](super::project).

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal;

use super::{Which, project};
use crate::learn::{self, Hints, Study};
use crate::paint;
use crate::progress::ContentHash;
use crate::project::{FOLDER, learner_content};
use crate::say::{self, say};

/// How often the files are looked at, and how long a key may wait.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs what is asked for until the learner quits. Where there is no terminal it says so and runs it once.
pub fn watch_project(mut study: Study, which: Which) -> Result<ExitCode> {
    if !learn::can_watch() {
        eprintln!("`--watch` needs a terminal, and there is none: this runs the tests once");
        return project(&mut study, which);
    }
    loop {
        // What is saved while the tests run is run next.
        let mut saves = Saves::since(learner_content(&study.root).ok());
        if !paint::is_dumb() {
            say::write("\x1b[2J\x1b[H");
        }
        if let Err(error) = project(&mut study, which) {
            say(format_args!("{error:#}"));
        }
        loop {
            match wait(&study, &mut saves)? {
                Wish::Run => break,
                Wish::Quit => return Ok(ExitCode::SUCCESS),
                Wish::Hint => say(say::fitted(&hint(&mut study, which))),
            }
        }
    }
}

/// Of the milestone that is run; of the next one if there are several.
fn hint(study: &mut Study, which: Which) -> String {
    let id = match which {
        Which::One(number) => format!("project.{number}"),
        Which::Next | Which::Reached => "project".to_owned(),
    };
    learn::hint(study, Some(&id), Hints::Next).unwrap_or_else(|error| format!("{error:#}"))
}

#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Run,
    Hint,
    Quit,
}

fn wait(study: &Study, saves: &mut Saves) -> Result<Wish> {
    say("");
    let _raw = Raw::enter()?;
    // Once this is seen, every key counts.
    let keys = format!("{FOLDER}/src: save a file, and it runs again   enter now   h hint   q quit");
    say::write(&format!("{}\r\n", study.paint.dim(keys)));
    loop {
        if event::poll(PAUSE)?
            && let Event::Key(key) = event::read()?
            && let Some(wish) = wish(key)
        {
            return Ok(wish);
        }
        if saves.look(learner_content(&study.root).ok()) {
            return Ok(Wish::Run);
        }
    }
}

fn wish(key: KeyEvent) -> Option<Wish> {
    match key.code {
        _ if key.kind == KeyEventKind::Release => None,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Wish::Quit),
        KeyCode::Char('q') => Some(Wish::Quit),
        KeyCode::Char('h') => Some(Wish::Hint),
        KeyCode::Enter => Some(Wish::Run),
        _ => None,
    }
}

/// The terminal passes on single keys until this is dropped.
struct Raw;

impl Raw {
    fn enter() -> Result<Raw> {
        terminal::enable_raw_mode().context("this terminal hears no single keys")?;
        Ok(Raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing can be done where it fails: the terminal is gone.
        terminal::disable_raw_mode().ok();
    }
}

/// What the crate held when it was run, and at the last look.
struct Saves {
    /// `None` where a file could not be read, as in the middle of a save.
    run: Option<ContentHash>,
    unsettled: Option<ContentHash>,
}

impl Saves {
    fn since(run: Option<ContentHash>) -> Saves {
        Saves { run, unsettled: None }
    }

    /// Whether it holds something new, and held the same at the look before: nobody is writing.
    fn look(&mut self, now: Option<ContentHash>) -> bool {
        let is_settled = now.is_some() && now == self.unsettled;
        self.unsettled = now.filter(|_| now != self.run);
        is_settled && now != self.run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_is_seen_once_nobody_writes_any_more() {
        let content = |text: &str| Some(ContentHash::of(text));
        let mut saves = Saves::since(content("old"));
        for half in [content("old"), None, content("ha"), content("half"), content("old"), content("new")] {
            assert!(!saves.look(half));
        }
        assert!(saves.look(content("new")));
        let mut saves = Saves::since(content("new"));
        assert!(!saves.look(content("new")) && !saves.look(content("new")), "it has been run");
    }

    #[test]
    fn a_key_is_a_wish() {
        let press = |code| wish(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(press(KeyCode::Char('h')), Some(Wish::Hint));
        assert_eq!(press(KeyCode::Char('q')), Some(Wish::Quit));
        assert_eq!(press(KeyCode::Enter), Some(Wish::Run));
        assert_eq!(press(KeyCode::Char('c')), None);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(wish(interrupt), Some(Wish::Quit));
    }
}
