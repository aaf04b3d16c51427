//! Knows when a handler would wait for itself.
//!
//! Sees one step only: a handler that publishes to a full mailbox whose own consumer it is, and the only one. In a queue
//! group it is the only one while the group has no other member, here or on the network, with whatever pattern that
//! matches; one that leaves during the wait is not seen. Nor are longer cycles and spawned tasks. There the timeout of
//! `Block` ends the wait.

use crate::base::id::SubscriberId;
use crate::publish::receipt::Refusal;
use crate::router::matched::Matched;

tokio::task_local! {
    /// The mailbox that the handler of this task takes from, one message at a time.
    static OWN: SubscriberId;
}

/// Runs a handler of this mailbox.
pub(crate) async fn within<F: Future>(own: SubscriberId, handler: F) -> F::Output {
    OWN.scope(own, handler).await
}

/// Whether a handler of this kind is at work.
#[inline]
pub(crate) fn is_within() -> bool {
    OWN.try_with(|_| ()).is_ok()
}

/// Refuses a publish that would wait for the handler that makes it: so many messages to each of these.
pub(crate) fn check<'a>(publishes: impl IntoIterator<Item = (&'a Matched, usize)>) -> Result<(), Refusal> {
    let would_wait = |own: &SubscriberId| {
        let (mut mailbox, mut messages) = (None, 0);
        for (matched, more) in publishes {
            if let Some(found) = matched.of_one_receiver(*own) {
                mailbox = Some(found);
                messages += more;
            }
        }
        mailbox.is_some_and(|mailbox| mailbox.lets_wait(messages))
    };
    if OWN.try_with(would_wait).unwrap_or(false) { Err(Refusal::WouldDeadlock) } else { Ok(()) }
}
