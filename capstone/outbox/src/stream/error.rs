//! What goes wrong with a stream, by what the caller can do about it.

use thiserror::Error;

use super::config::NAME_RULE;
use crate::store::StoreError;

/// A stream or a consumer could not be used.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// Choose another name.
    #[error("{kind} \"{name}\": {NAME_RULE}")]
    Name {
        /// What was named: `stream` or `consumer`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Create it first; it may have been deleted.
    #[error("stream \"{name}\" does not exist")]
    NoStream {
        /// Its name.
        name: String,
    },
    /// It was deleted, or an ephemeral one was not heard of for too long: open it again.
    #[error("consumer \"{name}\" does not exist any more")]
    NoConsumer {
        /// Its name.
        name: String,
    },
    /// Delete the durable consumer first, or use another name: what it has passed cannot be filtered again.
    #[error("consumer \"{name}\" exists with the filter {has}, not {wanted}")]
    Filter {
        /// Its name.
        name: String,
        /// What it was created with.
        has: String,
        /// What was asked for.
        wanted: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
