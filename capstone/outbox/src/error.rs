//! [`StoreError`]: what whoever asks a store of something must be ready for.

use thiserror::Error;

/// What went wrong with a store, by what the caller can do about it.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process keeps it locked, the disk is full, the connection is gone: try again later.
    #[error("{store}: {reason}")]
    Unavailable {
        /// Which store.
        store: String,
        /// What it said.
        reason: String,
    },
    /// It is not what it should be, and will not become so by waiting; also what a database says that is not known to pass. A
    /// relay ends with it, and whoever runs it starts it again.
    #[error("{store}: {reason}")]
    Unusable {
        /// Which store.
        store: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The store has been shut down, or its thread has died.
    #[error("{store}: the store is closed")]
    Closed {
        /// Which store.
        store: String,
    },
}
