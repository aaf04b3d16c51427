//! [`SubscriberId`]: who is who.

/// Tells mailboxes, outlets and members of queue groups apart, for the life of the bus. Rises in order of subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriberId(pub(crate) u64);
