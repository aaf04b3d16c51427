//! Knows when a handler would wait for itself.
//!
//! Sees one step only: a handler that publishes to a full mailbox whose own consumer it is, and the only one. Longer
//! cycles, spawned tasks and queue groups it does not see; there the timeout of `Block` ends the wait.

use std::sync::Arc;

use crate::{mailbox::Mailbox, publish::Refusal, router::SubscriberId};

tokio::task_local! {
    /// The mailbox that nobody but the handler of this task takes from.
    static OWN: SubscriberId;
}

/// Runs the only handler of this mailbox.
pub(crate) async fn within<F: Future>(own: SubscriberId, handler: F) -> F::Output {
    OWN.scope(own, handler).await
}

/// Refuses a publish that would wait for the handler that makes it: so many messages to each of these mailboxes.
pub(crate) fn check<'a>(
    publishes: impl IntoIterator<Item = (&'a [Arc<Mailbox>], usize)>,
) -> Result<(), Refusal> {
    let would_wait = |own: &SubscriberId| {
        let (mut mailbox, mut messages) = (None, 0);
        for (mailboxes, more) in publishes {
            if let Some(found) = mailboxes.iter().find(|mailbox| mailbox.id == *own) {
                mailbox = Some(found);
                messages += more;
            }
        }
        mailbox.is_some_and(|mailbox| mailbox.lets_wait(messages))
    };
    if OWN.try_with(would_wait).unwrap_or(false) { Err(Refusal::WouldDeadlock) } else { Ok(()) }
}
