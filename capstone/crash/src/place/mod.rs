//! The database under test, with a ledger of its commits that a trigger keeps.
//!
//! The trigger writes in the transaction that it tells about: so the ledger also knows how the transaction of a killed
//! writer ended, which nobody else does.

mod postgres;
mod sqlite;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use capstone_outbox::MessageId;
use fastrand::Rng;
use serde::Serialize;

use crate::foreign::ForeignRow;
use crate::program::Program;
use crate::setting::DatabaseKind;
use crate::written::STRAY;
pub(crate) use postgres::PostgresPlace;
pub(crate) use sqlite::SqlitePlace;

/// A folder, and the database.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) database: Database,
}

#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(SqlitePlace),
    Postgres(PostgresPlace),
}

/// What the database says when all is over.
#[derive(Debug, Serialize)]
pub(crate) struct Left {
    pub(crate) committed: Vec<Commit>,
    pub(crate) dead: HashSet<String>,
    pub(crate) parked: HashSet<String>,
    /// Those of both that were given up because the process ended while they were published.
    pub(crate) accused: HashSet<String>,
    /// Rows that are still in the outbox.
    pub(crate) waiting: HashSet<String>,
}

/// What the relay says of a message that it takes for poison.
const ACCUSATION: &str = "the process ended % times while only this was published";

/// A message that was committed.
#[derive(Debug, Serialize)]
pub(crate) struct Commit {
    pub(crate) id: String,
    pub(crate) seq: u64,
    /// Grows, at least within a key, in the order of the commits. The ledger's own, whatever the outbox numbers.
    pub(crate) place: u64,
}

impl Place {
    pub(crate) async fn new(kind: DatabaseKind, folder: &Path, program: &Program) -> anyhow::Result<Self> {
        let database = match kind {
            DatabaseKind::Sqlite => Database::Sqlite(SqlitePlace::new(folder)),
            DatabaseKind::Postgres => Database::Postgres(PostgresPlace::start().await?),
        };
        let place = Self { folder: folder.to_owned(), database };
        program.done(folder, &["migrate", "--db", &place.db()]).await?;
        match &place.database {
            Database::Sqlite(sqlite) => sqlite.keep_ledger()?,
            Database::Postgres(postgres) => postgres.keep_ledger().await?,
        }
        Ok(place)
    }

    /// `--db`.
    pub(crate) fn db(&self) -> String {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.db(),
            Database::Postgres(postgres) => postgres.db(),
        }
    }

    /// As [`db`](Self::db), in the n-th spelling: a file has several.
    pub(crate) fn db_by(&self, spelling: usize) -> String {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.db_by(spelling),
            Database::Postgres(postgres) => postgres.db(),
        }
    }

    /// For what only a file can.
    pub(crate) fn sqlite(&self) -> anyhow::Result<&SqlitePlace> {
        match &self.database {
            Database::Sqlite(sqlite) => Ok(sqlite),
            Database::Postgres(_) => bail!("this is no file"),
        }
    }

    /// For what only PostgreSQL has.
    pub(crate) fn postgres(&mut self) -> anyhow::Result<&mut PostgresPlace> {
        match &mut self.database {
            Database::Sqlite(_) => bail!("this is no PostgreSQL"),
            Database::Postgres(postgres) => Ok(postgres),
        }
    }

    /// How many rows are in the outbox.
    pub(crate) async fn waiting(&self) -> anyhow::Result<u64> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.waiting(),
            Database::Postgres(postgres) => postgres.waiting().await,
        }
    }

    /// Grows whenever a lane changes hands that relays do not share.
    pub(crate) fn turnover(&self) -> anyhow::Result<i64> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.turnover(),
            Database::Postgres(_) => Ok(0),
        }
    }

    /// How many rows that a stream takes are in the outbox, and how many others that nobody has tried.
    pub(crate) async fn healthy_and_untried(&self) -> anyhow::Result<(u64, u64)> {
        let is_stray = format!("topic = '{STRAY}'");
        let sql = format!(
            "SELECT coalesce(sum(CASE WHEN {is_stray} THEN 0 ELSE 1 END), 0),
                    coalesce(sum(CASE WHEN {is_stray} AND state = 0 THEN 1 ELSE 0 END), 0) FROM outbox"
        );
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.two_counts(&sql),
            Database::Postgres(postgres) => postgres.two_counts(&sql).await,
        }
    }

    /// Some other program's row; `false`: the database does not take it.
    pub(crate) async fn insert(&self, row: &ForeignRow) -> anyhow::Result<bool> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.insert(row),
            Database::Postgres(postgres) => postgres.insert(row).await,
        }
    }

    /// Topic, key, headers and payload of a dead letter, byte for byte.
    pub(crate) async fn dead_letter(&self, id: MessageId) -> anyhow::Result<Option<Vec<Option<Vec<u8>>>>> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.dead_letter(id),
            Database::Postgres(postgres) => postgres.dead_letter(id).await,
        }
    }

    /// Somebody makes the outbox count from 1 again.
    pub(crate) async fn count_again(&self, random: &mut Rng) -> anyhow::Result<&'static str> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.count_again(random),
            Database::Postgres(postgres) => postgres.count_again(random).await,
        }
    }

    /// Whether lanes take their time to change hands. SQLite's is taken at once.
    pub(crate) async fn be_slow(&self, is_slow: bool) -> anyhow::Result<()> {
        match &self.database {
            Database::Sqlite(_) => Ok(()),
            Database::Postgres(postgres) => postgres.be_slow(is_slow).await,
        }
    }

    /// The keys of all messages.
    pub(crate) async fn keys(&self) -> anyhow::Result<Vec<String>> {
        match &self.database {
            Database::Sqlite(_) => Ok((0..40).map(|number| format!("order-{number}")).collect()),
            Database::Postgres(postgres) => postgres.keys().await,
        }
    }

    /// While relays live. Kills the server one time in so many, and starts it again.
    pub(crate) async fn trouble(&self, random: &mut Rng, rarely: u32) -> anyhow::Result<bool> {
        match &self.database {
            Database::Postgres(postgres) if random.u32(..rarely) == 0 => {
                postgres.kill_and_start(random.u64(..300)).await.map(|()| true)
            }
            _ => Ok(false),
        }
    }

    /// I12: the store is whole.
    pub(crate) async fn check(&self) -> anyhow::Result<()> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.check(),
            Database::Postgres(postgres) => postgres.check().await,
        }
    }

    pub(crate) async fn left(&self) -> anyhow::Result<Left> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.left(),
            Database::Postgres(postgres) => postgres.left().await,
        }
    }
}
