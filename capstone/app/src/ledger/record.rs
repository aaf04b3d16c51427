//! One line of each ledger.

use serde::{Deserialize, Serialize};

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The message must arrive.
    Committed,
    /// It must not.
    RolledBack,
    /// The writer was killed, or lost its connection, before it learned. Delivered to one, it must be to all.
    Unknown,
}

/// A message that a transaction wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Committed {
    /// Unique in the run.
    pub id: String,
    /// Messages of one key arrive in the order of their commits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Counts the messages of the key, from 1. Without a key it means nothing, and may be left out.
    pub seq: u64,
    /// Of the payload.
    pub crc32: u32,
    /// How its transaction ended.
    pub outcome: Outcome,
}

/// A message that a subscriber got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// The subscriber; all members of a queue group have the name of the group.
    pub subscriber: String,
    /// As it arrived.
    pub id: String,
    /// As it arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// As it arrived.
    pub seq: u64,
    /// Of the payload as it arrived.
    pub crc32: u32,
}

/// Something that was done to the system on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Since the start of the run.
    pub at_ms: u64,
    /// Such as `kill` or `disconnect`.
    pub kind: String,
}
