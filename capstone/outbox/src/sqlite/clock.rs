//! Ages and waits by the database's clock. An application may have written any number as a moment, and a clock may have been set
//! back: neither is an error, and the largest age is that since 1970.

/// The database's clock in milliseconds since 1970, also on an SQLite that lacks `unixepoch('subsec')`.
pub(super) const NOW_MS: &str = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

/// How long ago it was, in milliseconds; negative for what is to come.
pub(super) fn since(moment: &str) -> String {
    format!("{NOW_MS} - max({moment}, 0)")
}

/// How long it is until then, in milliseconds; negative for what has been.
pub(super) fn until(moment: &str) -> String {
    format!("max({moment}, 0) - {NOW_MS}")
}
