//! A check, or a lesson in many schedules, on a thread of its own, so that keys are heard meanwhile. Shows and records nothing.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, bail};

use super::event::{Done, Event};
use super::schedules;
use crate::cargo::{Diagnostics, Ear};
use crate::clock::Stopwatch;
use crate::course::Exercise;
use crate::learn::Study;
use crate::learn::check::{Checked, Manner, Program, Seen};
use crate::paint::Paint;
use crate::schedule;

/// Dropping it ends what it does, cargo included, and waits for the thread.
pub(super) struct Job {
    /// `None` only while it is dropped, so that the thread does not wait for a reader.
    events: Option<Receiver<Event>>,
    flags: Arc<Flags>,
    thread: Option<JoinHandle<()>>,
    watch: Stopwatch,
    /// What was said last.
    seconds: u64,
}

/// What the thread looks at.
#[derive(Default)]
struct Flags {
    /// Nobody wants the outcome. A build goes on to its end: a compiler that outlived it could write its program last.
    stop: AtomicBool,
    /// The learner quits: a build ends too.
    quit: AtomicBool,
}

/// What both kinds of job need.
struct Desk {
    root: PathBuf,
    paint: Paint,
    flags: Arc<Flags>,
    events: SyncSender<Event>,
}

impl Job {
    pub(super) fn check(study: &Study, exercise: Exercise, columns: u16) -> Job {
        Job::start(study, move |desk| desk.check(&exercise, columns))
    }

    pub(super) fn explore(study: &Study, lesson: u32) -> Job {
        Job::start(study, move |desk| desk.explore(lesson))
    }

    fn start(study: &Study, work: impl FnOnce(&Desk) -> Event + Send + 'static) -> Job {
        let (sender, events) = sync_channel(64);
        let flags = Arc::<Flags>::default();
        let desk =
            Desk { root: study.root.clone(), paint: study.paint, flags: flags.clone(), events: sender };
        let thread = Some(thread::spawn(move || desk.tell(work(&desk))));
        Job { events: Some(events), flags, thread, watch: Stopwatch::start(), seconds: 0 }
    }

    pub(super) fn stop(&self) {
        self.flags.stop.store(true, Ordering::Relaxed);
    }

    /// What has happened since; the last one is [`Event::Checked`] or [`Event::Explored`].
    pub(super) fn events(&mut self) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let seconds = self.watch.elapsed().as_secs();
        if seconds != self.seconds {
            self.seconds = seconds;
            events.push(Event::Seconds(seconds));
        }
        let Some(receiver) = &self.events else { return Ok(events) };
        loop {
            match receiver.try_recv() {
                Ok(event @ (Event::Checked(_) | Event::Explored(_))) => {
                    events.push(event);
                    return Ok(events);
                }
                Ok(event) => events.push(event),
                Err(TryRecvError::Empty) => return Ok(events),
                Err(TryRecvError::Disconnected) => bail!("a job has ended without a result"),
            }
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.flags.quit.store(true, Ordering::Relaxed);
        self.stop();
        self.events = None;
        if let Some(thread) = self.thread.take() {
            // A panic has said so already, and the loop has seen that no result came.
            thread.join().ok();
        }
    }
}

impl Desk {
    fn check(&self, exercise: &Exercise, columns: u16) -> Event {
        let seen = Seen::of(&self.root, exercise);
        let id = exercise.id;
        Event::Checked(match seen.and_then(|seen| Ok((seen, self.checked(exercise, seen, columns)?))) {
            Ok((seen, checked)) => Done { id, seen: Some(seen), checked },
            Err(error) => {
                let complaints = format!("{error:#}");
                let checked = Checked::NotBuilt { reason: "it could not be checked", complaints };
                Done { id, seen: None, checked }
            }
        })
    }

    fn explore(&self, lesson: u32) -> Event {
        let hear = |line: &str| self.tell(Event::Compiling(line.to_owned()));
        let ear = Ear { hear: &hear, go_on: &|| !self.flags.quit.load(Ordering::Relaxed) };
        Event::Explored(match schedule::said(&self.root, lesson, ear, &self.go_on()) {
            Ok(said) => schedules::of_lesson(self.paint, lesson, &said),
            Err(error) => format!("{error:#}"),
        })
    }

    fn checked(&self, exercise: &Exercise, seen: Seen, columns: u16) -> Result<Checked> {
        let hear = |line: &str| self.tell(Event::Compiling(line.to_owned()));
        let ear = Ear { hear: &hear, go_on: &|| !self.flags.quit.load(Ordering::Relaxed) };
        let diagnostics = Diagnostics::Told(self.paint, ear);
        let manner = Manner { diagnostics, columns: Some(columns), go_on: &self.go_on() };
        Program::of(&self.root, exercise, seen).check(&self.root, manner)
    }

    /// Whether what was built goes on. The first time that it is asked, it runs.
    fn go_on(&self) -> impl Fn(Duration) -> bool {
        let is_testing = Cell::new(false);
        move |_| {
            if !is_testing.replace(true) {
                self.tell(Event::Testing);
            }
            !self.flags.stop.load(Ordering::Relaxed)
        }
    }

    fn tell(&self, event: Event) {
        // Nobody listens any more when the learner has quit.
        self.events.send(event).ok();
    }
}
