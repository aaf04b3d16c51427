//! The learner's terminal: draws pages, hears keys, and is left as it was found: on quitting, on an error and on a panic. A terminal
//! that knows no escape codes gets its pages one below the other.

use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::{cursor, execute, terminal};

use super::event::{Event, Key};
use super::page::Page;
use crate::paint::{Paint, is_dumb};

/// Where the size is unknown.
const SIZE: (u16, u16) = (80, 24);

/// The terminal is ours, and must be given back. Global, because a panic gives it back too.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

pub(super) struct Terminal {
    is_dumb: bool,
    paint: Paint,
    size: (u16, u16),
    /// What is on the screen.
    shown: Vec<String>,
}

impl Terminal {
    pub(super) fn open(paint: Paint) -> Result<Terminal> {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        terminal::enable_raw_mode().context("this terminal hears no single keys")?;
        IS_TAKEN.store(true, Ordering::Relaxed);
        let terminal = Terminal { is_dumb: is_dumb(), paint, size: size(), shown: Vec::new() };
        if !terminal.is_dumb {
            execute!(io::stdout(), terminal::EnterAlternateScreen, terminal::DisableLineWrap, cursor::Hide)?;
        }
        Ok(terminal)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Waits for something to happen, at most so long.
    pub(super) fn events(&mut self, pause: Duration) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let mut pause = pause;
        while event::poll(pause)? {
            match event::read()? {
                event::Event::Key(key) if key.kind != KeyEventKind::Release => {
                    events.extend(read(key).map(Event::Key));
                }
                event::Event::Resize(..) => {
                    self.size = size();
                    self.shown.clear();
                    events.push(Event::Resized(self.size.0));
                }
                _ => {}
            }
            pause = Duration::ZERO;
        }
        Ok(events)
    }

    pub(super) fn draw(&mut self, page: &Page) -> Result<()> {
        let text = if self.is_dumb { self.below(page) } else { self.over(page) };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the terminal is gone")
    }

    /// Only the lines that are not there already.
    fn over(&mut self, page: &Page) -> String {
        let lines = page.lines(self.paint);
        let mut text = if self.shown.is_empty() { "\x1b[2J".to_owned() } else { String::new() };
        for (row, line) in lines.iter().enumerate() {
            if self.shown.get(row) != Some(line) {
                text += &format!("\x1b[{};1H\x1b[2K{line}", row + 1);
            }
        }
        self.shown = lines;
        text
    }

    /// The page, unless it stands there already or is about to change: all of it, as nobody can scroll it, but of a list what is
    /// around the cursor.
    fn below(&mut self, page: &Page) -> String {
        let body = if page.cursor.is_some() { page.seen() } else { &page.body };
        let lines = [&page.head, body, &page.foot].concat();
        if page.is_live || lines == self.shown {
            return String::new();
        }
        let text = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
        self.shown = lines;
        format!("\r\n{text}")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Once. Nothing can be done where it fails: the terminal is gone.
fn give_back() {
    if !IS_TAKEN.swap(false, Ordering::Relaxed) {
        return;
    }
    if !is_dumb() {
        execute!(io::stdout(), cursor::Show, terminal::EnableLineWrap, terminal::LeaveAlternateScreen).ok();
    }
    terminal::disable_raw_mode().ok();
}

fn size() -> (u16, u16) {
    terminal::size().ok().filter(|size| size.0 > 0 && size.1 > 0).unwrap_or(SIZE)
}

fn read(key: KeyEvent) -> Option<Key> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Key::Interrupt);
    }
    Some(match key.code {
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc | KeyCode::Backspace => Key::Back,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(is_dumb: bool) -> Terminal {
        Terminal { is_dumb, paint: Paint::Plain, size: (8, 4), shown: Vec::new() }
    }

    fn page(body: &str) -> Page {
        let mut page = Page::new(8, 4);
        page.head("title");
        page.body(body);
        page.foot("q quit");
        page
    }

    #[test]
    fn only_what_has_changed_is_drawn() {
        let mut terminal = terminal(false);
        assert!(terminal.over(&page("one")).starts_with("\x1b[2J\x1b[1;1H\x1b[2Ktitle\x1b[2;1H\x1b[2Kone"));
        assert_eq!(terminal.over(&page("two")), "\x1b[2;1H\x1b[2Ktwo");
        assert_eq!(terminal.over(&page("two")), "");
    }

    #[test]
    fn without_a_cursor_pages_stand_one_below_the_other() {
        let mut terminal = terminal(true);
        assert_eq!(terminal.below(&page("1\n2\n3")), "\r\ntitle\r\n1\r\n2\r\n3\r\nq quit\r\n");
        assert_eq!(terminal.below(&page("1\n2\n3")), "", "it stands there already");
        let live = Page { is_live: true, ..page("4") };
        assert_eq!(terminal.below(&live), "", "it is about to change");
        let list = Page { cursor: Some(2), ..page("1\n2\n3\n4") };
        assert_eq!(terminal.below(&list), "\r\ntitle\r\n3\r\nq quit\r\n", "around the cursor");
    }
}
