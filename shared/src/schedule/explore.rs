//! Runs one story under one schedule after another and counts those in which a claim is broken. Prints nothing.

use std::any::Any;
use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::choices::{Choices, deciding};
use crate::{Entry, HOUR, Journal};

/// A story that can be run again and again.
pub(super) type Play<'a> = Box<dyn Fn(Journal) -> Pin<Box<dyn Future<Output = ()>>> + 'a>;

/// What must hold of the journal of each run; `Err` says what does not.
pub(super) type Holds<'a> = Box<dyn Fn(&[Entry]) -> Result<(), String> + 'a>;

/// Which schedules are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schedules {
    /// Every one that there is: each choice takes each option.
    Every,
    /// The one of an ordinary run, and then one for each seed.
    Seeds,
}

/// What came of it.
pub(super) struct Explored {
    pub tried: u64,
    pub broken: u64,
    /// Whether there are no more schedules than those.
    pub is_all: bool,
    /// The first run that broke the claim.
    pub first: Option<Run>,
}

/// One run that was recorded.
pub(super) struct Run {
    /// Repeats it.
    pub seed: u64,
    pub journal: Vec<Entry>,
    pub outcome: Result<(), String>,
}

/// Runs at most `limit` schedules.
pub(super) fn explore(play: &Play, holds: &Holds, schedules: Schedules, limit: u64) -> Explored {
    let mut explored = Explored { tried: 0, broken: 0, is_all: false, first: None };
    let mut choices = schedules.first();
    while explored.tried < limit {
        let (run, these) = run(play, holds, explored.tried, choices);
        explored.tried += 1;
        if run.outcome.is_err() {
            explored.broken += 1;
            explored.first.get_or_insert(run);
        }
        let Some(next) = schedules.next(explored.tried, these) else {
            explored.is_all = true;
            break;
        };
        choices = next;
    }
    explored
}

/// Runs the schedule of this seed; `None` if there are not so many.
pub(super) fn repeat(play: &Play, holds: &Holds, schedules: Schedules, seed: u64) -> Option<Run> {
    let mut choices = match schedules {
        Schedules::Every => schedules.first(),
        Schedules::Seeds => Choices::seeded(seed),
    };
    if schedules == Schedules::Every {
        for earlier in 0..seed {
            choices = schedules.next(earlier + 1, run(play, holds, earlier, choices).1)?;
        }
    }
    Some(run(play, holds, seed, choices).0)
}

impl Schedules {
    /// That of seed 0.
    fn first(self) -> Choices {
        match self {
            Self::Every => Choices::walking(),
            Self::Seeds => Choices::seeded(0),
        }
    }

    fn next(self, seed: u64, previous: Choices) -> Option<Choices> {
        match self {
            Self::Every => previous.next_path(),
            Self::Seeds => Some(Choices::seeded(seed)),
        }
    }
}

/// Runs the story once, with a runtime and a clock of its own, so that nothing of another run is left.
fn run(play: &Play, holds: &Holds, seed: u64, choices: Choices) -> (Run, Choices) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime starts");
    let shown = OnceCell::new();
    let story = || {
        runtime.block_on(async {
            let journal = shown.get_or_init(Journal::new).clone();
            timeout(HOUR, play(journal)).await.is_ok()
        })
    };
    let (ended, choices) = deciding(choices, || catch_unwind(AssertUnwindSafe(story)));
    // What is dropped with the runtime may still log, on a clock that has stopped.
    let journal = shown.into_inner().expect("the journal is made before the story begins").entries();
    let outcome = match ended {
        Ok(true) => holds(&journal),
        Ok(false) => Err("it hangs: no task can make progress".to_owned()),
        Err(panic) => Err(format!("it panics: {}", message(&*panic))),
    };
    (Run { seed, journal, outcome }, choices)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
