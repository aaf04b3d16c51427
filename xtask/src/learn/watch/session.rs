//! What `watch` does: keys, saved files and results come in, orders go out. Knows no terminal, no clock and no process, so that tests
//! play it; what it shows is in [`view`](super::view).

use std::collections::VecDeque;

use anyhow::Result;

use super::chooser::{Choice, Chooser};
use super::event::{Done, Event, Key, Order};
use super::page::Page;
use super::schedules::{self, Subject};
use super::view;
use crate::course::{Exercise, ExerciseId};
use crate::learn::check::Checked;
use crate::learn::standing::Standing;
use crate::learn::{self, Study};
use crate::progress::{ContentHash, Progress, State};

pub(super) struct Session {
    pub study: Study,
    pub exercise: Exercise,
    pub standing: Standing,
    /// What came of the last check of the exercise at hand.
    pub latest: Option<Checked>,
    /// It checked what the learner begins with: the task is still to be read.
    pub is_untouched: bool,
    pub running: Option<Running>,
    /// To be checked next, the exercise at hand first.
    wanted: VecDeque<ExerciseId>,
    /// The lesson whose claims are to be run, before all checks: somebody waits for it.
    wanted_lesson: Option<u32>,
    pub pane: Pane,
    scroll: usize,
    /// Of the terminal.
    pub columns: u16,
    /// What is said until the next key or save.
    pub notice: String,
}

/// The job that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Running {
    pub work: Work,
    pub doing: String,
    pub seconds: u64,
    is_stopped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Check(ExerciseId),
    /// The claims of a lesson in many schedules.
    Explore,
}

/// What the screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pane {
    /// What came of the last check.
    Outcome,
    /// The hints that were read.
    Hints,
    Task,
    /// The solution, and other right answers.
    Solution(String),
    /// What many schedules have shown; `None` until they have.
    Schedules(Option<String>),
    List(Chooser),
    /// Asks whether to restore the file.
    Reset,
}

impl Session {
    pub(super) fn new(study: Study, exercise: Exercise, columns: u16) -> Session {
        let standing = study.standing();
        let wanted = study.unchecked().iter().map(|exercise| exercise.id).collect();
        Session {
            study,
            exercise,
            standing,
            latest: None,
            is_untouched: false,
            running: None,
            wanted,
            wanted_lesson: None,
            pane: Pane::Outcome,
            scroll: 0,
            columns,
            notice: String::new(),
        }
    }

    /// Checks the exercise at hand, and then whatever only a check can tell.
    pub(super) fn begin(&mut self) -> Vec<Order> {
        self.check_first(self.exercise.id)
    }

    pub(super) fn on(&mut self, event: Event) -> Vec<Order> {
        match event {
            Event::Key(key) => return self.on_key(key),
            Event::Saved(ids) => return self.on_saved(&ids),
            Event::Checked(done) => return self.on_checked(done),
            Event::Explored(said) => return self.on_explored(said),
            Event::Resized(columns) => return self.on_resized(columns),
            Event::Compiling(what) => {
                // Without the folder, which is long.
                let what = what.split(" (").next().unwrap_or_default().to_lowercase();
                self.update(|running| running.doing = what);
            }
            Event::Testing => self.update(|running| running.doing = "testing".to_owned()),
            Event::Seconds(seconds) => self.update(|running| running.seconds = seconds),
        }
        Vec::new()
    }

    /// What the screen shows now. A scroll beyond the end ends here: only the page knows how long it is.
    pub(super) fn page(&mut self, columns: usize, rows: usize) -> Page {
        let mut page = view::page(self, columns, rows);
        self.scroll = self.scroll.min(page.scroll_max());
        page.scroll = self.scroll;
        page
    }

    fn on_key(&mut self, key: Key) -> Vec<Order> {
        self.notice.clear();
        if key == Key::Interrupt {
            return vec![Order::Quit];
        }
        match &mut self.pane {
            Pane::List(chooser) => match chooser.on(key, &self.study.course) {
                Choice::Open => {}
                Choice::Closed => self.show(Pane::Outcome),
                Choice::Chosen(id) => return self.go(id),
            },
            Pane::Reset => {
                self.show(Pane::Outcome);
                if let Key::Char('y') = key {
                    let id = self.exercise.id.to_string();
                    let said = learn::reset(&mut self.study, &id);
                    self.say(said);
                    self.standing = self.study.standing();
                }
            }
            Pane::Hints | Pane::Task | Pane::Solution(_) | Pane::Schedules(_)
                if matches!(key, Key::Back | Key::Enter | Key::Char('q')) =>
            {
                return self.go_back();
            }
            Pane::Outcome | Pane::Hints | Pane::Task | Pane::Solution(_) | Pane::Schedules(_) => {
                return self.on_command(key);
            }
        }
        Vec::new()
    }

    /// A key that does the same wherever something is read. Another tool for the exercise at hand is another line here and
    /// among the keys of [`view`].
    fn on_command(&mut self, key: Key) -> Vec<Order> {
        match key {
            Key::Char('n') => return self.go_on(),
            Key::Char('h') => self.hint(),
            Key::Char('l') => {
                self.reload();
                self.show(Pane::List(Chooser::at(self.exercise.id)));
            }
            Key::Char('t') => self.show(Pane::Task),
            Key::Char('s') => self.solution(),
            Key::Char('r') => self.show(Pane::Reset),
            Key::Char('x') => return self.explore(),
            Key::Char('q') => return vec![Order::Quit],
            Key::Up | Key::Char('k') => self.scroll = self.scroll.saturating_sub(1),
            Key::Down | Key::Char('j') => self.scroll = self.scroll.saturating_add(1),
            Key::PageUp => self.scroll = self.scroll.saturating_sub(10),
            Key::PageDown | Key::Char(' ') => self.scroll = self.scroll.saturating_add(10),
            Key::Home => self.scroll = 0,
            Key::End => self.scroll = usize::MAX,
            Key::Char(_) | Key::Enter | Key::Back | Key::Interrupt => {}
        }
        Vec::new()
    }

    /// A test lays its tables out itself, for the width that it is told.
    fn on_resized(&mut self, columns: u16) -> Vec<Order> {
        let before = std::mem::replace(&mut self.columns, columns);
        match self.latest {
            Some(Checked::Failed { .. }) if columns != before => self.check_first(self.exercise.id),
            _ => Vec::new(),
        }
    }

    /// The one that is saved is the one at hand, unless several change at once, as by `git checkout`.
    fn on_saved(&mut self, ids: &[ExerciseId]) -> Vec<Order> {
        self.notice.clear();
        self.reload();
        for id in ids {
            let is_changed = matches!(self.standing.state(*id), State::FileChanged | State::TestsChanged);
            if is_changed && !self.wanted.contains(id) {
                self.wanted.push_back(*id);
            }
        }
        match ids {
            _ if ids.contains(&self.exercise.id) => {
                self.show(Pane::Outcome);
                self.check_first(self.exercise.id)
            }
            [id] => self.go(*id),
            _ => self.start_next(),
        }
    }

    fn on_checked(&mut self, done: Done) -> Vec<Order> {
        self.running = None;
        let Ok(exercise) = self.study.course.exercise(done.id).cloned() else { return Vec::new() };
        if done.checked == Checked::Stopped {
            if !self.wanted.contains(&done.id) {
                self.wanted.push_back(done.id);
            }
            return self.start_next();
        }
        if let Some(seen) = done.seen {
            match self.study.settle(&exercise, seen, &done.checked) {
                Ok(true) => {
                    self.notice = format!("{} was solved, and is open again until it passes.", done.id);
                }
                Ok(false) => {}
                Err(error) => self.notice = format!("Your progress could not be saved: {error:#}"),
            }
        }
        self.standing = self.study.standing();
        if done.id == self.exercise.id {
            let starter = self.study.starter(&exercise).map(|starter| ContentHash::of(&starter));
            self.is_untouched =
                starter.is_ok_and(|starter| done.seen.is_some_and(|seen| seen.mine == starter));
            self.latest = Some(done.checked);
            self.scroll = 0;
        } else if let Checked::Passed { .. } = done.checked {
            self.notice = format!("{} {} passes too.", exercise.id, exercise.title);
        }
        self.start_next()
    }

    /// The result of a lesson that nobody looks at any more is dropped.
    fn on_explored(&mut self, said: String) -> Vec<Order> {
        let is_stopped = self.running.take().is_some_and(|running| running.is_stopped);
        if self.pane == Pane::Schedules(None) && !is_stopped {
            self.show(Pane::Schedules(Some(said)));
        }
        self.start_next()
    }

    /// To the next exercise, once this one is solved.
    fn go_on(&mut self) -> Vec<Order> {
        if self.standing.state(self.exercise.id) != State::Solved {
            self.notice =
                format!("{} is not solved yet. Press l to choose another exercise.", self.exercise.id);
            return Vec::new();
        }
        match self.study.next_behind(&self.exercise).map(|next| next.id) {
            Some(id) => self.go(id),
            None => {
                self.notice = "Every exercise is solved.".to_owned();
                Vec::new()
            }
        }
    }

    fn go(&mut self, id: ExerciseId) -> Vec<Order> {
        self.show(Pane::Outcome);
        let Ok(exercise) = self.study.course.exercise(id).cloned() else { return Vec::new() };
        if exercise.id != self.exercise.id {
            (self.exercise, self.latest) = (exercise, None);
        }
        self.check_first(id)
    }

    /// Shows what was read; the first hint if there are none, and one more where hints are shown already.
    fn hint(&mut self) {
        let id = self.exercise.id;
        if self.pane == Pane::Hints || self.study.progress.hints(id) == 0 {
            let read = self.study.record(|progress| progress.read_hint(id));
            if let Err(error) = read {
                self.notice = format!("{error:#}");
                return;
            }
        }
        self.show(Pane::Hints);
        // The newest one is the last.
        self.scroll = usize::MAX;
    }

    fn solution(&mut self) {
        if self.standing.state(self.exercise.id) != State::Solved {
            self.notice = format!("{} is not solved yet. A hint may be enough: press h.", self.exercise.id);
            return;
        }
        match learn::solution(&mut self.study, &self.exercise.id.to_string()) {
            Ok(said) => self.show(Pane::Solution(said.trim_end().to_owned())),
            Err(error) => self.notice = format!("{error:#}"),
        }
    }

    /// In many schedules: the exercise where it has such a test, else its lesson.
    fn explore(&mut self) -> Vec<Order> {
        match schedules::subject(&self.study, &self.exercise) {
            Ok(Subject::Test(name)) => {
                let said = schedules::of_test(self.study.paint, &name, self.latest.as_ref());
                self.show(Pane::Schedules(Some(said)));
            }
            Ok(Subject::Lesson(number)) => {
                self.wanted_lesson = Some(number);
                self.show(Pane::Schedules(None));
            }
            Err(error) => self.notice = format!("{error:#}"),
        }
        self.start_next()
    }

    /// From what is read to what came of the last check. A lesson that runs for nobody would keep checks waiting.
    fn go_back(&mut self) -> Vec<Order> {
        self.show(Pane::Outcome);
        let is_exploring = self.running.as_ref().is_some_and(|running| running.work == Work::Explore);
        if is_exploring { self.stop() } else { Vec::new() }
    }

    /// Another `cargo x learn` may have written since.
    fn reload(&mut self) {
        match Progress::load(&self.study.root) {
            Ok(progress) => self.study.progress = progress,
            Err(error) => self.notice = format!("{error:#}"),
        }
        self.standing = self.study.standing();
    }

    /// Before all others. Whatever runs is stopped: of this exercise it is out of date.
    fn check_first(&mut self, id: ExerciseId) -> Vec<Order> {
        self.wanted.retain(|wanted| *wanted != id);
        self.wanted.push_front(id);
        if self.running.is_some() { self.stop() } else { self.start_next() }
    }

    /// Once: what is stopped ends a little later.
    fn stop(&mut self) -> Vec<Order> {
        match &mut self.running {
            Some(running) if !running.is_stopped => {
                running.is_stopped = true;
                vec![Order::Stop]
            }
            _ => Vec::new(),
        }
    }

    fn start_next(&mut self) -> Vec<Order> {
        if self.running.is_some() {
            return Vec::new();
        }
        if let Some(lesson) = self.wanted_lesson.take() {
            self.run(Work::Explore);
            return vec![Order::Explore(lesson)];
        }
        while let Some(id) = self.wanted.pop_front() {
            if let Ok(exercise) = self.study.course.exercise(id).cloned() {
                self.run(Work::Check(id));
                return vec![Order::Check(exercise)];
            }
        }
        Vec::new()
    }

    fn run(&mut self, work: Work) {
        let doing = "compiling".to_owned();
        self.running = Some(Running { work, doing, seconds: 0, is_stopped: false });
    }

    fn update(&mut self, change: impl FnOnce(&mut Running)) {
        if let Some(running) = &mut self.running {
            change(running);
        }
    }

    fn show(&mut self, pane: Pane) {
        if pane != Pane::Schedules(None) {
            self.wanted_lesson = None;
        }
        self.pane = pane;
        self.scroll = 0;
    }

    fn say(&mut self, said: Result<String>) {
        self.notice = said.unwrap_or_else(|error| format!("{error:#}")).trim_end().to_owned();
    }
}
