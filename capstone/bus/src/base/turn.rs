//! Taking part in Tokio's cooperative scheduling, so that a flood does not starve the other tasks.

use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::coop::poll_proceed;

/// One unit of the task's budget.
#[inline]
pub(crate) async fn take_turn() {
    poll_fn(poll_turn).await;
}

#[inline]
pub(crate) fn poll_turn(cx: &mut Context<'_>) -> Poll<()> {
    poll_proceed(cx).map(|budget| budget.made_progress())
}

/// Whether another task can run while this one does.
pub(crate) fn has_several_workers() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}
