//! `cargo x learn watch`: checks an exercise whenever it is saved, with a key for everything else. Start with [`session`], which
//! decides; the rest does what it says.

mod chooser;
mod event;
mod files;
mod job;
mod page;
mod schedules;
mod session;
mod terminal;
#[cfg(test)]
mod tests;
mod view;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use event::{Event, Order};
use files::Files;
use job::Job;
use session::Session;
use terminal::Terminal;

use crate::clock::Stopwatch;
use crate::learn::{self, Study};
use crate::say;

/// How often files are looked at, and how long a key or the news of a check may wait.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether there is somebody who presses keys and sees a screen.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Watches until the learner quits. Where there is no terminal it says so and runs the exercise once.
pub fn watch(mut study: Study, id: Option<&str>) -> Result<ExitCode> {
    if !is_possible() {
        eprintln!("`watch` needs a terminal, and there is none: this runs the exercise once");
        return learn::run(&mut study, id);
    }
    let exercise = study.where_left_off(id)?.clone();
    let mut files = Files::of(&study);
    let mut terminal = Terminal::open(study.paint)?;
    let mut session = Session::new(study, exercise, terminal.size().0);
    let attended = attend(&mut session, &mut files, &mut terminal);
    // What is said from here on is said to the learner's own screen.
    drop(terminal);
    attended?;
    say::say(view::farewell(&session));
    Ok(ExitCode::SUCCESS)
}

/// The loop: what has happened goes to the session, and what it orders is done.
fn attend(session: &mut Session, files: &mut Files, terminal: &mut Terminal) -> Result<()> {
    let mut job: Option<Job> = None;
    let mut looked = Stopwatch::start();
    let mut orders = session.begin();
    let mut has_changed = true;
    loop {
        for order in std::mem::take(&mut orders) {
            match order {
                Order::Check(exercise) => job = Some(Job::check(&session.study, exercise, session.columns)),
                Order::Explore(lesson) => job = Some(Job::explore(&session.study, lesson)),
                Order::Stop => job.iter().for_each(Job::stop),
                Order::Quit => return Ok(()),
            }
        }
        if has_changed {
            let (columns, rows) = terminal.size();
            terminal.draw(&session.page(columns.into(), rows.into()))?;
        }
        let mut events = terminal.events(PAUSE)?;
        if looked.elapsed() >= PAUSE {
            looked = Stopwatch::start();
            let saved = files.look(session.exercise.id);
            events.extend((!saved.is_empty()).then_some(Event::Saved(saved)));
        }
        if let Some(running) = &mut job {
            events.extend(running.events()?);
        }
        has_changed = !events.is_empty();
        for event in events {
            if let Event::Checked(_) | Event::Explored(_) = event {
                job = None;
            }
            orders.extend(session.on(event));
        }
    }
}
