//! How many more operations of Tokio (sends, locks, sleeps) the current task may do before it must let others go first.
//!
//! Tokio gives each poll a budget, so that a busy task stops now and then: with none left, its channels, locks and timers return
//! `Pending` and wake the task at once. With a smaller budget it stops earlier, at an await where it may always stop.

use std::cell::Cell;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::{self, RestoreOnPending};

use crate::choices;

/// The most that can be left.
const AT_MOST: usize = 2;

/// More than Tokio gives. What is no task has no limit, and must not be counted for ever.
const MORE_THAN_ANY: usize = 1000;

thread_local! {
    /// A budget cannot be set. But what `poll_proceed` returns restores, when it is dropped, the budget from before it was called:
    /// so one from when one more than [`AT_MOST`] was left is kept, dropped, and taken again.
    static KEPT: Cell<Option<RestoreOnPending>> = const { Cell::new(None) };
}

/// The current task has logged something: a seed may let it stop at its next await, or at one of the two behind it, so that the
/// others go first. Where every schedule is run, that would be too many.
pub(crate) fn may_end() {
    // What `Tasks` runs has at most one operation left, and is asked at each step.
    if choices::is_seeded() && is_plenty() {
        match choices::choose(2 + AT_MOST) {
            0 => {} // goes on, as in an ordinary run
            more => leave(more - 1),
        }
    }
}

/// Leaves this many operations, at most [`AT_MOST`].
pub(crate) fn leave(operations: usize) {
    drop(KEPT.take().or_else(count_down));
    KEPT.set(proceed());
    for _ in operations..AT_MOST {
        proceed().iter().for_each(RestoreOnPending::made_progress);
    }
}

/// Whether there are more than [`AT_MOST`].
fn is_plenty() -> bool {
    let first = proceed();
    let others = [(); AT_MOST].map(|()| proceed());
    let is_plenty = others.iter().chain([&first]).all(Option::is_some);
    others.into_iter().rev().for_each(drop);
    drop(first); // the last that is dropped restores all of them
    is_plenty
}

/// Takes all operations, and returns what restores the last of them.
fn count_down() -> Option<RestoreOnPending> {
    let mut last = VecDeque::new();
    for _ in 0..MORE_THAN_ANY {
        let Some(taken) = proceed() else { break };
        last.push_back(taken);
        if last.len() > 1 + AT_MOST {
            last.pop_front().iter().for_each(RestoreOnPending::made_progress);
        }
    }
    let restores_all = last.pop_front();
    last.iter().for_each(RestoreOnPending::made_progress);
    restores_all
}

/// Takes one operation, if there is one.
fn proceed() -> Option<RestoreOnPending> {
    if !coop::has_budget_remaining() {
        return None;
    }
    match coop::poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(operation) => Some(operation),
        Poll::Pending => None,
    }
}
