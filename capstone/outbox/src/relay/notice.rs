//! What a relay tells whoever listens: each thing once, when it happens.

use std::time::Duration;

use crate::message::{Ident, MessageId, RowId};
use crate::store::Lane;

/// Something that an operator may want to know. The relay logs it too, with the same fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A key, or a message without one, has failed for the first time: it waits, and the others go on.
    #[non_exhaustive]
    Held {
        /// What is held.
        ident: Ident,
        /// The message that failed.
        id: MessageId,
        /// When it is tried again.
        retry_in: Duration,
        /// The sink's words.
        error: String,
    },
    /// What was held has been published, or given up, as far as it had come.
    #[non_exhaustive]
    Freed {
        /// What was held.
        ident: Ident,
    },
    /// A key has failed for good, and waits for an operator with all that is behind it.
    #[non_exhaustive]
    Parked {
        /// What is held.
        ident: Ident,
        /// The message that failed.
        id: MessageId,
        /// Attempts that were made.
        attempts: u32,
        /// The sink's words.
        error: String,
    },
    /// A message has become a dead letter.
    #[non_exhaustive]
    Dead {
        /// Its place.
        row: RowId,
        /// Attempts that were made.
        attempts: u32,
        /// The sink's words, or why it cannot be read.
        error: String,
    },
    /// These lanes are this relay's from now on.
    #[non_exhaustive]
    Taken {
        /// Which.
        lanes: Vec<Lane>,
        /// Those whose last owner did not give them back: it has died, or it is stopped.
        abandoned: Vec<Lane>,
    },
    /// These lanes are another relay's, or were: nothing of them is published until they are taken again.
    #[non_exhaustive]
    Lost {
        /// Which.
        lanes: Vec<Lane>,
    },
    /// The sink takes nothing. Nobody's attempt is counted, and it is probed.
    #[non_exhaustive]
    SinkDown {
        /// Its words.
        reason: String,
    },
    /// The sink answers again.
    SinkUp,
}

impl Notice {
    /// Logs it once: the words for people, the fields for machines.
    pub(super) fn log(&self) {
        match self {
            Self::Held { ident, id, retry_in, error } => {
                tracing::warn!(key = key(ident), %id, ?retry_in, error, "a message has failed: it is tried again");
            }
            Self::Freed { ident } => tracing::info!(key = key(ident), "nothing is held any more"),
            Self::Parked { ident, id, attempts, error } => {
                tracing::error!(key = key(ident), %id, attempts, error, "parked: it waits for an operator");
            }
            Self::Dead { row, attempts, error } => {
                tracing::error!(id = %row.id, attempts, error, "given up: it is a dead letter");
            }
            Self::Taken { lanes, abandoned } if abandoned.is_empty() => {
                tracing::debug!(lanes = lanes.len(), "lanes taken");
            }
            Self::Taken { lanes, abandoned } => {
                let (lanes, abandoned) = (lanes.len(), abandoned.len());
                tracing::info!(lanes, abandoned, "lanes taken over from a relay that did not give them back");
            }
            Self::Lost { lanes } => {
                tracing::warn!(
                    lanes = lanes.len(),
                    "lanes lost: another relay has them, or they are taken again"
                );
            }
            Self::SinkDown { reason } => tracing::warn!("the sink is unavailable, trying again: {reason}"),
            Self::SinkUp => tracing::info!("the sink answers again"),
        }
    }
}

/// A message without a key is known by its id.
fn key(ident: &Ident) -> Option<&str> {
    ident.key().map(AsRef::as_ref)
}
