//! SQLite behind async functions. A query blocks its thread, so it runs on a thread that may be blocked.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::task::spawn_blocking;

use crate::Result;

/// A connection. Clones share it, and their transactions run one after another.
#[derive(Clone, Debug)]
pub struct Database {
    /// A std mutex: only threads that may block wait for it, and it is never held across an await.
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file, or creates it, and creates the tables that are missing.
    pub fn open(path: &Path, tables: &str) -> Result<Self> {
        Self::with(Connection::open(path)?, tables)
    }

    /// A database without a file, for the scenes on the paused clock. It lasts as long as its last clone.
    pub fn in_memory(tables: &str) -> Result<Self> {
        Self::with(Connection::open_in_memory()?, tables)
    }

    // ANCHOR: transaction
    /// Runs `work` in a transaction, which is committed as a whole or not at all. Once it has started it runs to its end,
    /// even if this future is dropped: then the caller does not learn whether it was committed.
    pub async fn transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.call(move |connection| {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?; // an error drops `tx`, and that rolls back
            tx.commit()?;
            Ok(done)
        })
        .await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let working = spawn_blocking(move || work(&mut connection.lock().expect("no query panics")));
        working.await.expect("no query panics")
    }
    // ANCHOR_END: transaction

    /// Runs `work`, which only reads: it does not keep anyone from writing.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.call(move |connection| work(connection)).await
    }

    /// The only number that the query returns.
    pub async fn number(&self, query: &'static str) -> Result<u32> {
        self.read(move |connection| Ok(connection.query_row(query, [], |row| row.get(0))?)).await
    }

    /// Calls `hook` before each commit. The commit waits for it, and becomes a rollback if it returns `true`.
    pub fn before_each_commit(&self, hook: impl FnMut() -> bool + Send + 'static) -> Result<()> {
        self.connection.lock().expect("no query panics").commit_hook(Some(hook))?;
        Ok(())
    }

    fn with(connection: Connection, tables: &str) -> Result<Self> {
        connection.execute_batch(tables)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }
}
