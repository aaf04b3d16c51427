//! Knows when a handler would wait for itself.
//!
//! Sees one step only: a handler that publishes to a full mailbox whose own consumer it is, and the only one. Longer
//! cycles, spawned tasks and queue groups it does not see; there the timeout of `Block` ends the wait.

use std::sync::Arc;

use crate::{mailbox::Mailbox, router::SubscriberId};

tokio::task_local! {
    /// The mailbox that nobody but the handler of this task takes from.
    static OWN: SubscriberId;
}

/// Runs the only handler of this mailbox.
pub(crate) async fn within<F: Future>(own: SubscriberId, handler: F) -> F::Output {
    OWN.scope(own, handler).await
}

/// Whether a publish to these mailboxes would wait for the handler that makes it.
pub(crate) fn would_deadlock(mailboxes: &[Arc<Mailbox>]) -> bool {
    OWN.try_with(|own| mailboxes.iter().any(|mailbox| mailbox.id == *own && mailbox.lets_wait()))
        .unwrap_or(false)
}
