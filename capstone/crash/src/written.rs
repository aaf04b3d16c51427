//! [`Written`]: what became of a message, as its writer knows it.

/// Taken by no stream unless it is asked to.
pub(crate) const STRAY: &str = "strays.created";

/// What its writer was told about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Committed,
    RolledBack,
    /// It was killed before.
    Nothing,
    /// It was told of the commit, and then the database lost it, as it was made to.
    Undone,
}

/// A message as it was meant, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) key: Option<String>,
    pub(crate) crc32: u32,
    pub(crate) told: Told,
    pub(crate) nature: Nature,
}

/// What becomes of a message that is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It is delivered.
    Good,
    /// No sink can publish it: it is given up, or its key is parked.
    Poison,
    /// Some other program wrote it, and it looks like it: one or the other.
    Foreign,
}
