//! [`SubscribeError`]: why nobody was subscribed.

use crate::{Pattern, PatternError};

/// A subscription could not be opened; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The pattern is not one.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A mailbox needs room for at least one message.
    #[error("subscription to {pattern}: the capacity is 0, at least 1 is needed")]
    NoCapacity {
        /// What was subscribed to.
        pattern: Pattern,
    },
    /// A handler must handle at least one message at a time.
    #[error("handler of {pattern}: the concurrency is 0, at least 1 is needed")]
    NoConcurrency {
        /// What was to be handled.
        pattern: Pattern,
    },
    /// A handler must be called now and then.
    #[error("handler of {pattern}: the rate is 0 calls, at least 1 is needed")]
    NoRate {
        /// What was to be handled.
        pattern: Pattern,
    },
    /// Middlewares are nested, and there is an end to that.
    #[error("handler of {pattern}: more than {layers_max} middlewares would be nested")]
    TooManyLayers {
        /// What was to be handled.
        pattern: Pattern,
        /// As many as there may be.
        layers_max: usize,
    },
    /// The name of a queue group is empty, or has white space or control characters.
    #[error("subscription to {pattern}: {group:?} cannot be the name of a queue group")]
    GroupName {
        /// What was subscribed to.
        pattern: Pattern,
        /// The name as it was given.
        group: Box<str>,
    },
    /// The queue group exists, with another capacity, overflow, header filter or key; its members share one mailbox.
    #[error(
        "subscription to {pattern}: queue group {group:?} exists with another capacity, overflow, header filter or key"
    )]
    GroupDiffers {
        /// What was subscribed to.
        pattern: Pattern,
        /// The name of the group.
        group: Box<str>,
    },
    /// The bus is closed.
    #[error("the bus is closed")]
    Closed,
}
