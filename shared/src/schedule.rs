//! The same story in many schedules: which task goes on when several could, and how long a wait takes. A test runs one of them.
//!
//! Start with [`Tasks`], which asks before each step which task goes on, [`any_of`], which asks for a value, and [`any_ms`], which asks
//! for a wait. Who answers is up to whoever runs the story: in a plain test it is always the first option; [`Claim`],
//! [`assert_holds`] and [`assert_holds_in`] run the story again and again and answer differently each time. A seed repeats a run
//! exactly. It also decides whether a task that logs something lets the others go first: so a story that spawns its tasks need not be
//! written for this.
//!
//! It explores orders of tasks, not of memory accesses: what runs between two awaits is never interrupted. And Tokio's own dice are
//! not ours: a `select!` without `biased`, of which two branches are ready at once, takes either.

mod claims;
mod command;
mod explore;
mod tasks;

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::{Entry, Journal, choices};
use claims::{boxed, pictured, thousands};
use explore::{Schedules, explore};

pub use claims::{Claim, Claims, SCHEDULES};
pub use tasks::Tasks;

/// One of these values; the first is that of an ordinary run.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(shared::schedule::any_of([100, 250, 400].map(Duration::from_millis)), Duration::from_millis(100));
/// ```
pub fn any_of<T, const N: usize>(values: [T; N]) -> T {
    let at = choices::choose(N);
    values.into_iter().nth(at).expect("the choice is one of the values")
}

/// A number of milliseconds from this range; its first is that of an ordinary run.
pub fn any_ms(range: RangeInclusive<u64>) -> Duration {
    let options = range.end().saturating_sub(*range.start()) + 1;
    let above = choices::choose(usize::try_from(options).expect("a range of milliseconds is short"));
    Duration::from_millis(range.start() + above as u64)
}

/// Asserts that `holds` accepts the journal of `story` in every schedule that there is.
///
/// # Panics
/// Shows the timeline of the first that it does not accept. Also when there are more than [`SCHEDULES`].
#[track_caller]
pub fn assert_holds<F>(story: impl Fn(Journal) -> F, holds: impl Fn(&[Entry]) -> Result<(), String>)
where
    F: Future + 'static,
{
    let all = check(story, holds, Schedules::Every, SCHEDULES);
    assert!(all, "the story has more than {SCHEDULES} schedules: use `assert_holds_in`");
}

/// The same for a story that has more: in an ordinary run, and with so many seeds less one.
#[track_caller]
pub fn assert_holds_in<F>(
    schedules: u64,
    story: impl Fn(Journal) -> F,
    holds: impl Fn(&[Entry]) -> Result<(), String>,
) where
    F: Future + 'static,
{
    check(story, holds, Schedules::Seeds, schedules);
}

#[track_caller]
fn check<F>(
    story: impl Fn(Journal) -> F,
    holds: impl Fn(&[Entry]) -> Result<(), String>,
    schedules: Schedules,
    limit: u64,
) -> bool
where
    F: Future + 'static,
{
    let explored = explore(&boxed(story), &(Box::new(holds) as _), schedules, limit);
    if let Some(run) = &explored.first {
        let (broken, tried) = (thousands(explored.broken), thousands(explored.tried));
        panic!("{broken} of {tried} schedules go wrong; the first:\n{}", pictured(run));
    }
    explored.is_all
}
