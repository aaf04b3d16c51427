//! What `watch` shows of a session, as a page for a terminal of any size. Decides nothing.

use super::page::Page;
use super::schedules;
use super::session::{Pane, Session, Work};
use crate::clock;
use crate::course::ExerciseId;
use crate::learn::check::Checked;
use crate::learn::list::{Row, rows};
use crate::learn::{hint, report};
use crate::progress::State;
use crate::{schedule, wrap};

/// What marks the chosen row of the list, in place of its indentation.
const CURSOR: &str = "❯ ";

pub(super) fn page(session: &Session, columns: usize, rows: usize) -> Page {
    let mut page = Page::new(columns, rows);
    page.is_live = session.running.is_some();
    head(session, &mut page);
    foot(session, &mut page);
    match &session.pane {
        Pane::Outcome | Pane::Reset => outcome(session, &mut page),
        Pane::Hints => {
            let read = session.study.progress.hints(session.exercise.id);
            let hints = hint::spelled(session.study.paint, &session.exercise.hints, read);
            page.prose(hints.join("\n").trim_start());
        }
        Pane::Task => page.prose(&report::task(&session.study, &session.exercise).join("\n")),
        Pane::Solution(text) => page.body(text),
        Pane::Schedules(said) => {
            page.prose(schedule::SCHEDULE);
            said.iter().for_each(|text| page.body(&format!("\n{text}")));
        }
        Pane::List(chooser) => list(session, chooser.selected, &mut page),
    }
    page
}

/// What stays on the screen when the learner has quit.
pub(super) fn farewell(session: &Session) -> String {
    let bar = session.standing.bar(session.study.paint);
    match session.study.next() {
        Some(next) => format!("{bar}\nnext: {} {}: cargo x learn", next.id, next.title),
        None => bar,
    }
}

fn head(session: &Session, page: &mut Page) {
    let (study, exercise) = (&session.study, &session.exercise);
    let mark = match session.standing.state(exercise.id) {
        State::Solved => format!("  {}", study.paint.green("✔")),
        _ => String::new(),
    };
    page.head(&(report::title(study.paint, exercise) + &mark));
    page.head(&report::place(study, exercise, session.latest.as_ref()));
    page.head("");
}

fn outcome(session: &Session, page: &mut Page) {
    let (study, exercise) = (&session.study, &session.exercise);
    let Some(latest) = &session.latest else {
        return page.prose(&report::task(study, exercise).join("\n"));
    };
    if session.is_untouched && !matches!(latest, Checked::Passed { .. }) {
        page.prose(&report::task(study, exercise).join("\n"));
        page.body(&format!("\n{}\n", study.paint.dim("What happens as it stands:")));
    }
    match latest {
        Checked::Passed { .. } => {
            page.prose(&report::notice(study, exercise, "press s").join("\n"));
            let next = study.next_behind(exercise);
            page.prose(&next.map_or_else(
                || "\nEvery exercise is solved. `cargo x learn project` is another kind.".to_owned(),
                |next| format!("\nnext: {} {}, {} min: press n", next.id, next.title, next.minutes),
            ));
        }
        Checked::Failed { story, reason } => {
            page.body(&report::story(study.paint, story).join("\n"));
            // Of a hang, the likely causes.
            if reason.contains('\n') {
                page.prose(&format!("\n{reason}"));
            }
        }
        Checked::DoesNotCompile(said) => page.body(said.trim_end()),
        Checked::NotBuilt { complaints, .. } => page.body(complaints),
        Checked::Stopped => {}
    }
}

fn foot(session: &Session, page: &mut Page) {
    if !matches!(session.pane, Pane::List(_)) {
        page.foot(&status(session));
        let is_about_it = !matches!(session.pane, Pane::Schedules(_));
        if let (None, Some(Checked::Failed { story, .. }), true) =
            (&session.running, &session.latest, is_about_it)
        {
            // It explains the first table, which may not be on the screen.
            let explained = story.lines().find(|line| line.starts_with("First difference:"));
            explained.iter().for_each(|line| page.foot(line));
        }
    }
    if !session.notice.is_empty() {
        session.notice.lines().for_each(|line| page.foot(&session.study.paint.yellow(line)));
    }
    let bar = session.standing.bar(session.study.paint);
    page.foot(&match session.running.as_ref().map(|running| running.work) {
        Some(Work::Check(id)) if id != session.exercise.id => format!("{bar}, checking {id}"),
        _ => bar,
    });
    for line in keys(session, page.columns) {
        page.foot(&line);
    }
}

/// What is going on, else what came of it.
fn status(session: &Session) -> String {
    let (paint, id) = (session.study.paint, session.exercise.id);
    let is_seen = |work| matches!(work, Work::Explore) || work == Work::Check(id);
    if let Some(running) = session.running.as_ref().filter(|running| is_seen(running.work)) {
        return paint.cyan(format!("{} … {} s", running.doing, running.seconds));
    }
    let failed = |why: &str| {
        // Of a hang, the test and the likely causes stand above.
        let why = why.lines().next().unwrap_or_default().split(" in the test").next().unwrap_or_default();
        format!("{}   Stuck? Press h", paint.red(format!("✘ {why}")))
    };
    match &session.latest {
        None => paint.dim("waits for another check to end"),
        Some(Checked::Passed { tests, elapsed }) => {
            paint.green(format!("✔ {id} is solved: {tests} passed in {}", clock::spelled(*elapsed)))
        }
        Some(Checked::Failed { reason, .. }) => failed(reason),
        Some(Checked::DoesNotCompile(_)) => failed("it does not compile yet"),
        Some(Checked::NotBuilt { reason, .. }) => {
            paint.yellow(format!("✘ {reason}. This says nothing about your code."))
        }
        Some(Checked::Stopped) => String::new(),
    }
}

/// The keys that do something now. A line ends between two of them.
fn keys(session: &Session, columns: usize) -> Vec<String> {
    let is_solved = session.standing.state(session.exercise.id) == State::Solved;
    let next_hint = format!("hint {} of 3", session.study.progress.hints(session.exercise.id) + 1);
    let keys: Vec<(&str, &str)> = match &session.pane {
        Pane::Outcome => {
            let keys = [
                ("n", "next"),
                ("h", "hint"),
                ("l", "list"),
                ("t", "task"),
                ("r", "reset"),
                ("s", "solution"),
                ("x", "schedules"),
                ("q", "quit"),
            ];
            let does_something = |key| match key {
                "n" | "s" => is_solved,
                "x" => schedules::subject(&session.study, &session.exercise).is_ok(),
                _ => true,
            };
            keys.into_iter().filter(|(key, _)| does_something(*key)).collect()
        }
        Pane::Hints if session.study.progress.hints(session.exercise.id) < 3 => {
            vec![("h", &next_hint), ("esc", "back")]
        }
        Pane::Hints => vec![("esc", "back; that was the last hint")],
        Pane::Task | Pane::Solution(_) | Pane::Schedules(_) => vec![("esc", "back")],
        Pane::List(_) => vec![("↑ ↓", "or a number: choose"), ("enter", "go there"), ("esc", "back")],
        Pane::Reset => {
            return vec![format!(
                "Restore the file? Your version is kept.  {}  {}",
                key(session, ("y", "yes")),
                key(session, ("n", "no"))
            )];
        }
    };
    let mut lines = vec![String::new()];
    for key in keys.into_iter().map(|one| key(session, one)) {
        let last = lines.last_mut().expect("there is a line");
        if last.is_empty() {
            *last = key;
        } else if wrap::width(last) + 2 + wrap::width(&key) <= columns {
            *last += &format!("  {key}");
        } else {
            lines.push(key);
        }
    }
    lines
}

fn key(session: &Session, (key, does): (&str, &str)) -> String {
    format!("{} {does}", session.study.paint.bold(key))
}

fn list(session: &Session, selected: ExerciseId, page: &mut Page) {
    for row in rows(&session.study, &session.standing, page.columns) {
        let line = match row {
            Row::Exercise(exercise, line) if exercise.id == selected => {
                page.cursor = Some(page.body.len());
                session.study.paint.bold(CURSOR) + &line[CURSOR.chars().count()..]
            }
            Row::Exercise(_, line) | Row::Lesson(line) => line,
        };
        page.body.push(wrap::cut(&line, page.columns));
    }
}
