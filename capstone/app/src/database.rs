//! `--db`: which database a command works on.

use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// A database by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The SQLite file.
    pub path: PathBuf,
}

/// An address that names no database we know.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DatabaseError {
    /// `sqlite:` and nothing behind it, or a database that lives in one connection.
    #[error("names no file: write sqlite:PATH")]
    NoFile,
    /// Another kind.
    // The address itself is not repeated: it may hold a password.
    #[error("only SQLite files are supported: write sqlite:PATH")]
    NotSqlite,
}

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        match address.strip_prefix("sqlite:").ok_or(DatabaseError::NotSqlite)? {
            "" | ":memory:" => Err(DatabaseError::NoFile),
            path => Ok(Self { path: path.into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_an_error() {
        assert_eq!("sqlite:a/b.db".parse(), Ok(Database { path: "a/b.db".into() }));
        assert_eq!("sqlite:".parse::<Database>(), Err(DatabaseError::NoFile));
        assert_eq!("sqlite::memory:".parse::<Database>(), Err(DatabaseError::NoFile));
        assert_eq!("postgres://u:secret@h/d".parse::<Database>(), Err(DatabaseError::NotSqlite));
    }
}
