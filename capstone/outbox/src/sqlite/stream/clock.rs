//! What time it is for a stream.

use rusqlite::Connection;

use crate::sqlite::clock::NOW_MS;

/// What time it is for a transaction of a stream: what a test says, or else the database's clock.
#[derive(Clone, Copy, Debug)]
pub(in crate::sqlite) struct Now(pub(super) Option<i64>);

impl Now {
    pub(super) fn ms(self, connection: &Connection) -> rusqlite::Result<i64> {
        match self.0 {
            Some(ms) => Ok(ms),
            None => {
                let mut select = connection.prepare_cached(&format!("SELECT {NOW_MS}"))?;
                select.query_row([], |row| row.get(0))
            }
        }
    }
}
