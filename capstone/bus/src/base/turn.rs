//! Taking part in Tokio's cooperative scheduling, so that a flood does not starve the other tasks.

use std::task::{Context, Poll, ready};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::coop::poll_proceed;

/// One unit of the task's budget.
#[inline(always)]
pub(crate) fn poll_turn(cx: &mut Context<'_>) -> Poll<()> {
    let budget = ready!(poll_proceed(cx));
    budget.made_progress();
    Poll::Ready(())
}

/// Whether another task can run while this one does.
pub(crate) fn has_several_workers() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}
