//! The books in PostgreSQL, on a few connections of the application's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use capstone_outbox::Seq;
use capstone_outbox::postgres::{Inbox, Once, PostgresStore, Target, enqueue};
use futures::future::try_join_all;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::Client;

use super::{Books, Memory, Owner, Receipt, Sale, committed, delivered};
use crate::ledger::{Committed, Delivered};

/// Each does one transaction at a time.
const CONNECTIONS: usize = 12;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (
      name text NOT NULL, number bigint NOT NULL, cents bigint NOT NULL, id text NOT NULL, crc32 bigint NOT NULL,
      PRIMARY KEY (name, number)
    );
    CREATE TABLE IF NOT EXISTS receipts (
      line bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subscriber text NOT NULL, place bigint NOT NULL,
      id text NOT NULL, name text, number bigint NOT NULL, crc32 bigint NOT NULL
    );";

pub(in crate::demo) struct PostgresBooks {
    store: Arc<PostgresStore>,
    clients: Vec<Mutex<Client>>,
    next: AtomicUsize,
}

impl PostgresBooks {
    pub(in crate::demo) async fn connect(store: Arc<PostgresStore>) -> anyhow::Result<Self> {
        let target = store.target();
        let clients = try_join_all((0..CONNECTIONS).map(|_| target.client())).await?;
        let clients = clients.into_iter().map(Mutex::new).collect();
        Ok(Self { store, clients, next: AtomicUsize::new(0) })
    }

    /// Whose database it is, before anything is written to it.
    pub(in crate::demo) async fn owner(target: &Target) -> anyhow::Result<Owner> {
        let client = target.client().await?;
        let names = ["orders", "receipts", "outbox"];
        let tables = "SELECT to_regclass(name) IS NOT NULL FROM unnest($1::text[]) WITH ORDINALITY AS t (name, n) ORDER BY n";
        let tables: Vec<bool> =
            client.query(tables, &[&&names[..]]).await?.iter().map(|row| row.get(0)).collect();
        let used = "SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM outbox_stream)";
        let is_used = tables[2] && client.query_one(used, &[]).await?.get(0);
        Ok(Owner::of(tables[0], tables[1], is_used))
    }

    async fn client(&self) -> MutexGuard<'_, Client> {
        self.clients[self.next.fetch_add(1, Ordering::Relaxed) % self.clients.len()].lock().await
    }
}

impl Books for PostgresBooks {
    async fn open(&self) -> anyhow::Result<()> {
        Ok(self.client().await.batch_execute(TABLES).await?)
    }

    async fn sell(&self, sale: Sale) -> anyhow::Result<()> {
        let mut client = self.client().await;
        let tx = client.transaction().await?;
        let Committed { id, seq, crc32, .. } = &sale.record;
        let (number, cents, crc32) = (i64::try_from(*seq)?, i64::from(sale.cents), i64::from(*crc32));
        let insert = "INSERT INTO orders (name, number, cents, id, crc32) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(insert, &[&sale.key(), &number, &cents, id, &crc32]).await?;
        enqueue(&tx, &sale.stamped()).await?;
        if sale.is_refused() {
            return Ok(tx.rollback().await?);
        }
        tx.commit().await?;
        self.store.committed();
        Ok(())
    }

    async fn receive(&self, receipts: Vec<Receipt>, memory: Memory) -> anyhow::Result<Vec<Delivered>> {
        let mut client = self.client().await;
        let tx = client.transaction().await?;
        let seen = try_join_all(receipts.iter().map(async |Receipt { id, record, .. }| match memory {
            Memory::Place => Ok(Once::First),
            Memory::Inbox => Inbox::once(&tx, &record.subscriber, *id).await,
        }));
        let (mut new, mut repeats) = (Vec::new(), Vec::new());
        for (receipt, once) in receipts.iter().zip(seen.await?) {
            match once {
                Once::First => new.push(receipt),
                Once::Repeat => repeats.push(receipt.record.clone()),
            }
        }
        let insert = "INSERT INTO receipts (subscriber, place, id, name, number, crc32)
            SELECT subscriber, place, id, name, number, crc32
              FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
                   WITH ORDINALITY AS new (subscriber, place, id, name, number, crc32, line) ORDER BY line";
        let subscribers: Vec<&str> = new.iter().map(|receipt| &*receipt.record.subscriber).collect();
        let places: Vec<i64> = new.iter().map(|receipt| receipt.place.0).collect();
        let ids: Vec<&str> = new.iter().map(|receipt| &*receipt.record.id).collect();
        let names: Vec<Option<&str>> = new.iter().map(|receipt| receipt.record.key.as_deref()).collect();
        let numbers = new.iter().map(|receipt| i64::try_from(receipt.record.seq));
        let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        let crcs: Vec<i64> = new.iter().map(|receipt| i64::from(receipt.record.crc32)).collect();
        tx.execute(insert, &[&subscribers, &places, &ids, &names, &numbers, &crcs]).await?;
        tx.commit().await?;
        Ok(repeats)
    }

    async fn orders(&self) -> anyhow::Result<Vec<Committed>> {
        let select = "SELECT id, name, number, crc32 FROM orders ORDER BY name, number";
        let rows = self.client().await.query(select, &[]).await?;
        rows.iter().map(|row| committed(row.get(0), row.get(1), row.get(2), row.get(3))).collect()
    }

    async fn receipts(&self) -> anyhow::Result<Vec<Delivered>> {
        let select = "SELECT subscriber, id, name, number, crc32 FROM receipts ORDER BY line";
        let rows = self.client().await.query(select, &[]).await?;
        rows.iter().map(|row| delivered(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect()
    }

    async fn place(&self, subscriber: &'static str) -> anyhow::Result<Option<Seq>> {
        let select = "SELECT max(place) FROM receipts WHERE subscriber = $1";
        let row = self.client().await.query_one(select, &[&subscriber]).await?;
        Ok(row.get::<_, Option<i64>>(0).map(Seq))
    }
}
