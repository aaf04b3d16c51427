//! The books in SQLite: what is done at the same time shares a commit.

use std::sync::Arc;

use capstone_outbox::Seq;
use capstone_outbox::sqlite::{Inbox, Once, SqliteStore, TransactionError, enqueue};
use rusqlite::{Row, Savepoint};

use super::{Books, Memory, Owner, Receipt, Sale, committed, delivered};
use crate::ledger::{Committed, Delivered};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (
      name TEXT NOT NULL, number INTEGER NOT NULL, cents INTEGER NOT NULL, id TEXT NOT NULL, crc32 INTEGER NOT NULL,
      PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS receipts (
      line INTEGER PRIMARY KEY AUTOINCREMENT, subscriber TEXT NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL, name TEXT,
      number INTEGER NOT NULL, crc32 INTEGER NOT NULL
    ) STRICT;";

pub(in crate::demo) struct SqliteBooks(pub(in crate::demo) Arc<SqliteStore>);

/// Why a transaction was rolled back.
#[derive(Debug)]
enum Refused {
    OnPurpose,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl SqliteBooks {
    /// Whose database it is, before anything is written to it.
    pub(in crate::demo) async fn owner(&self) -> anyhow::Result<Owner> {
        let owner = self.transaction(|tx| {
            let table = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
            let has = |name: &str| tx.query_row(table, [name], |row| row.get::<_, bool>(0));
            let used = "SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM outbox_stream)";
            let is_used = tx.query_row(used, [], |row| row.get(0))?;
            Ok(Owner::of(has("orders")?, has("receipts")?, is_used))
        });
        Ok(owner.await?.unwrap_or(Owner::Other))
    }

    /// `None`: rolled back on purpose.
    async fn transaction<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Savepoint<'_>) -> Result<T, Refused> + Send + 'static,
    ) -> anyhow::Result<Option<T>> {
        match self.0.transaction(body).await {
            Ok(value) => Ok(Some(value)),
            Err(TransactionError::RolledBack(Refused::OnPurpose)) => Ok(None),
            Err(TransactionError::RolledBack(Refused::Failed(error))) => Err(error),
            Err(TransactionError::Store(error)) => Err(error.into()),
            Err(TransactionError::Panicked(text)) => anyhow::bail!(text),
        }
    }

    async fn all<T: Send + 'static>(
        &self,
        select: &'static str,
        row: fn(&Row<'_>) -> rusqlite::Result<anyhow::Result<T>>,
    ) -> anyhow::Result<Vec<T>> {
        let all = self.transaction(move |tx| {
            let mut select = tx.prepare(select)?;
            let rows: Vec<_> = select.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
            Ok(rows.into_iter().collect::<anyhow::Result<Vec<T>>>()?)
        });
        Ok(all.await?.unwrap_or_default())
    }
}

impl Books for SqliteBooks {
    async fn open(&self) -> anyhow::Result<()> {
        self.transaction(|tx| Ok(tx.execute_batch(TABLES)?)).await.map(drop)
    }

    async fn sell(&self, sale: Sale) -> anyhow::Result<()> {
        let sold = self.transaction(move |tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO orders (name, number, cents, id, crc32) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let Committed { id, seq, crc32, .. } = &sale.record;
            insert.execute((sale.key(), i64::try_from(*seq)?, sale.cents, id, crc32))?;
            enqueue(tx, &sale.stamped())?;
            if sale.is_refused() { Err(Refused::OnPurpose) } else { Ok(()) }
        });
        sold.await.map(drop)
    }

    async fn receive(&self, receipts: Vec<Receipt>, memory: Memory) -> anyhow::Result<Vec<Delivered>> {
        let received = self.transaction(move |tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO receipts (subscriber, place, id, name, number, crc32) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            let mut repeats = Vec::new();
            for Receipt { id, place, record } in receipts {
                if memory == Memory::Inbox && Inbox::once(tx, &record.subscriber, id)? == Once::Repeat {
                    repeats.push(record);
                    continue;
                }
                let Delivered { subscriber, id, key, seq, crc32 } = &record;
                insert.execute((subscriber, place.0, id, key, i64::try_from(*seq)?, crc32))?;
            }
            Ok(repeats)
        });
        Ok(received.await?.unwrap_or_default())
    }

    async fn orders(&self) -> anyhow::Result<Vec<Committed>> {
        self.all("SELECT id, name, number, crc32 FROM orders ORDER BY name, number", |row| {
            Ok(committed(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .await
    }

    async fn receipts(&self) -> anyhow::Result<Vec<Delivered>> {
        self.all("SELECT subscriber, id, name, number, crc32 FROM receipts ORDER BY line", |row| {
            Ok(delivered(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .await
    }

    async fn place(&self, subscriber: &'static str) -> anyhow::Result<Option<Seq>> {
        let place = self.transaction(move |tx| {
            let select = "SELECT max(place) FROM receipts WHERE subscriber = ?1";
            Ok(tx.query_row(select, [subscriber], |row| row.get::<_, Option<i64>>(0))?)
        });
        Ok(place.await?.flatten().map(Seq))
    }
}
