//! `--db`: which database a command works on.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

#[cfg(feature = "postgres")]
use capstone_outbox::StoreError;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::Target;
use thiserror::Error;

/// A database by its address.
#[derive(Clone, Debug)]
pub enum Database {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(Box<Target>),
}

/// An address that names no database we know.
// The address itself is not repeated: it may hold a password.
#[derive(Clone, Debug, Error)]
pub enum DatabaseError {
    /// `sqlite:` and nothing behind it, or a database that lives in one connection.
    #[error("names no file: write sqlite:PATH")]
    NoFile,
    /// Another kind.
    #[error("write sqlite:PATH, or postgres://USER@HOST/DATABASE")]
    Unknown,
    /// PostgreSQL, which this program cannot talk to.
    #[cfg(not(feature = "postgres"))]
    #[error(
        "PostgreSQL wants a program with the feature `postgres`: cargo build --package capstone --features postgres"
    )]
    NoPostgres,
    /// PostgreSQL, at an address that is not valid or not safe.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(StoreError),
}

/// Without user and password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(target) => target.fmt(f),
        }
    }
}

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return postgres(address);
        }
        match address.strip_prefix("sqlite:").ok_or(DatabaseError::Unknown)? {
            "" | ":memory:" => Err(DatabaseError::NoFile),
            path => Ok(Self::Sqlite(path.into())),
        }
    }
}

#[cfg(feature = "postgres")]
fn postgres(address: &str) -> Result<Database, DatabaseError> {
    Target::parse(address).map(|target| Database::Postgres(Box::new(target))).map_err(DatabaseError::Postgres)
}

#[cfg(not(feature = "postgres"))]
fn postgres(_address: &str) -> Result<Database, DatabaseError> {
    Err(DatabaseError::NoPostgres)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_an_error() {
        let file = "sqlite:a/b.db".parse::<Database>();
        assert!(matches!(file, Ok(Database::Sqlite(path)) if *path == *"a/b.db"));
        assert!(matches!("sqlite:".parse::<Database>(), Err(DatabaseError::NoFile)));
        assert!(matches!("sqlite::memory:".parse::<Database>(), Err(DatabaseError::NoFile)));
        assert!(matches!("mysql://u:secret@h/d".parse::<Database>(), Err(DatabaseError::Unknown)));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn postgres_on_this_machine_or_an_error_without_the_password() {
        assert!(matches!("postgres://u:secret@localhost/d".parse::<Database>(), Ok(Database::Postgres(_))));
        let error =
            "postgres://u:secret@db.example/d?sslmode=disable".parse::<Database>().unwrap_err().to_string();
        assert!(error.contains("TLS") && !error.contains("secret"), "{error}");
    }

    #[cfg(not(feature = "postgres"))]
    #[test]
    fn without_the_feature_postgres_is_an_error_that_names_it() {
        let error = "postgres://u:secret@localhost/d".parse::<Database>().unwrap_err().to_string();
        assert!(error.contains("the feature `postgres`") && !error.contains("secret"), "{error}");
    }
}
