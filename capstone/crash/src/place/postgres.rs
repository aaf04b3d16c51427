//! A PostgreSQL of the campaign's own, which is killed now and then.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use capstone_outbox::MessageId;
use capstone_postgres_server::{Server, Stop};
use fastrand::Rng;
use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row};

use super::{ACCUSATION, Commit, Left};
use crate::foreign::ForeignRow;

/// Deferred: a key's row in `crash_key` is locked only when its transaction commits, so that its numbers are the order of
/// the commits even where nothing else orders them.
const LEDGER: &str = "
CREATE TABLE crash_key (key text PRIMARY KEY, last bigint NOT NULL) WITH (fillfactor = 50);
CREATE TABLE crash_committed (id uuid PRIMARY KEY, seq bigint NOT NULL, place bigint NOT NULL);
CREATE FUNCTION crash_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  place bigint := 0;
BEGIN
  IF new.key IS NOT NULL THEN
    INSERT INTO crash_key AS counted VALUES (new.key, 1)
      ON CONFLICT (key) DO UPDATE SET last = counted.last + 1 RETURNING last INTO place;
  END IF;
  INSERT INTO crash_committed VALUES (new.id, new.seq, place);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER crash_ledger AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION crash_ledger();";

/// PostgreSQL's own checks, where they are installed.
const AMCHECK: &str = "DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') THEN
    CREATE EXTENSION amcheck;
  END IF;
END $$";

/// Every index of the outbox against its table.
const CHECK: &str = "SELECT bt_index_check(indexrelid, true) FROM pg_index
     WHERE indrelid::regclass::text LIKE 'outbox%' AND indisvalid";

/// Half of them of one lane: rows of several keys in a lane commit in another order than that of their numbers, so that a
/// cursor passes one that is still to come.
const KEYS: &str = "SELECT 'order-' || n FROM generate_series(0, 1279) AS n
     ORDER BY (hashtextextended('order-' || n, 0) & 63) <> 7, n LIMIT 40";

/// Lanes that a process still owns, by what its owner's name begins with.
const OWNED: &str = "SELECT count(*) FROM outbox_lane WHERE owner LIKE 'pid ' || $1::text || ' %'";

/// As on a server with much else to do: whoever takes or gives back lanes waits for a moment.
const SLOW: &str = "
CREATE OR REPLACE FUNCTION crash_slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(random() * 0.2);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crash_slow BEFORE UPDATE ON outbox_lane FOR EACH STATEMENT EXECUTE FUNCTION crash_slow();";
/// Only where it is put: the standby that is cut off has it not.
const HOLD_FLUSHES: &str = "
CREATE FUNCTION crash_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(60);
  RETURN NULL;
END $$;
CREATE TRIGGER crash_hold BEFORE DELETE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION crash_hold();";
/// Alone in its message, or it could not commit.
const GROW_OLD: &str = "DO $$
BEGIN
  FOR n IN 1..20000 LOOP
    PERFORM pg_current_xact_id();
    COMMIT;
  END LOOP;
END $$";
const NOT_SLOW: &str = "DROP TRIGGER IF EXISTS crash_slow ON outbox_lane";

#[derive(Clone, Debug)]
pub(crate) struct PostgresPlace {
    server: Arc<Server>,
    /// Follows the server, or did so until it was cut off.
    standby: Option<Arc<Server>>,
}

impl PostgresPlace {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(Server::start_durable).await?;
        let server = Arc::new(server.context("PostgreSQL is missing: cargo x tools")?);
        Ok(Self { server, standby: None })
    }

    pub(super) async fn keep_ledger(&self) -> anyhow::Result<()> {
        let client = self.open().await?;
        client.batch_execute(LEDGER).await?;
        Ok(client.batch_execute(AMCHECK).await?)
    }

    pub(super) fn db(&self) -> String {
        match &self.standby {
            Some(standby) => self.server.address_with(standby, "postgres"),
            None => self.server.address("postgres"),
        }
    }

    /// A connection as an application has one.
    pub(crate) async fn open(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.db(), NoTls).await?;
        // Ends with the client or the server; the client's next statement tells.
        tokio::spawn(connection);
        Ok(client)
    }

    pub(super) async fn kill_and_start(&self, after_ms: u64) -> anyhow::Result<()> {
        sleep(Duration::from_millis(after_ms)).await;
        let server = Arc::clone(&self.server);
        let restart = move || {
            server.stop(Stop::Kill);
            server.run();
        };
        Ok(tokio::task::spawn_blocking(restart).await?)
    }

    /// From now on there are two servers in the address.
    pub(crate) async fn get_standby(&mut self) -> anyhow::Result<()> {
        let server = Arc::clone(&self.server);
        self.standby = Some(Arc::new(tokio::task::spawn_blocking(move || server.standby()).await?));
        Ok(())
    }

    /// The standby hears of no further commit.
    pub(crate) async fn cut_off_standby(&self) -> anyhow::Result<()> {
        let standby = self.standby.as_ref().context("it has a standby")?;
        standby.cut_off();
        let (client, connection) = tokio_postgres::connect(&standby.address("postgres"), NoTls).await?;
        tokio::spawn(connection);
        while client.query_opt("SELECT FROM pg_stat_wal_receiver", &[]).await?.is_some() {
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The flush of what is published from now on does not end: its rows cannot be deleted.
    pub(crate) async fn hold_flushes(&self) -> anyhow::Result<()> {
        Ok(self.open().await?.batch_execute(HOLD_FLUSHES).await?)
    }

    /// The server stops in the middle of everything; some time later its standby takes its place.
    pub(crate) async fn fail_over(&mut self, later: Duration) -> anyhow::Result<()> {
        let standby = self.standby.take().context("it has a standby")?;
        let server = std::mem::replace(&mut self.server, Arc::clone(&standby));
        tokio::task::spawn_blocking(move || server.stop(Stop::Immediate)).await?;
        sleep(later).await;
        Ok(tokio::task::spawn_blocking(move || standby.promote()).await?)
    }

    /// Gives out so many transaction ids that a fresh server is far behind.
    pub(crate) async fn grow_old(&self) -> anyhow::Result<()> {
        let client = self.open().await?;
        client.batch_execute("SET synchronous_commit = off").await?;
        Ok(client.batch_execute(GROW_OLD).await?)
    }

    pub(crate) async fn dump(&self) -> anyhow::Result<PathBuf> {
        let server = Arc::clone(&self.server);
        Ok(tokio::task::spawn_blocking(move || server.dump("postgres")).await?)
    }

    /// From now on there is another server, a fresh one, with what was dumped.
    pub(crate) async fn restore(&mut self, dump: PathBuf) -> anyhow::Result<()> {
        let fresh = Self::start().await?;
        let server = Arc::clone(&fresh.server);
        tokio::task::spawn_blocking(move || server.restore(&dump, "postgres")).await?;
        // The old one, and the dump with it, only goes now.
        *self = fresh;
        Ok(())
    }

    pub(super) async fn two_counts(&self, sql: &str) -> anyhow::Result<(u64, u64)> {
        let counts = self.open().await?.query_one(sql, &[]).await?;
        let [one, other] = [0, 1].map(|column| counts.get::<_, i64>(column));
        Ok((one.try_into()?, other.try_into()?))
    }

    pub(super) async fn insert(&self, row: &ForeignRow) -> anyhow::Result<bool> {
        let (others, values) = match row.others {
            Some((column, value)) => (format!(", {column}"), format!(", {value}")),
            None => Default::default(),
        };
        let headers = if row.headers.is_some() { "$5::text::json" } else { "DEFAULT" };
        let sql = format!(
            "INSERT INTO outbox (id, topic, key, payload, headers{others})
             VALUES ($1::text::uuid, $2, $3, $4, {headers}{values})"
        );
        let (id, topic) = (row.id.to_string(), std::str::from_utf8(&row.topic)?);
        let [key, given] =
            [&row.key, &row.headers].map(|bytes| bytes.as_deref().map(String::from_utf8_lossy));
        let all: [&(dyn ToSql + Sync); 5] = [&id, &topic, &key, &row.payload, &given];
        let given = if row.headers.is_some() { &all[..] } else { &all[..4] };
        match self.open().await?.execute(&sql, given).await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => Ok(false),
            Err(error) => Err(error).context(row.what),
        }
    }

    pub(super) async fn dead_letter(&self, id: MessageId) -> anyhow::Result<Option<Vec<Option<Vec<u8>>>>> {
        let sql = "SELECT convert_to(topic, 'UTF8'), convert_to(key, 'UTF8'), convert_to(headers::text, 'UTF8'), payload
                     FROM outbox_dead WHERE id = $1::text::uuid";
        let letter = self.open().await?.query_opt(sql, &[&id.to_string()]).await?;
        Ok(letter.map(|letter| (0..4).map(|column| letter.get(column)).collect()))
    }

    pub(super) async fn count_again(&self, random: &mut Rng) -> anyhow::Result<&'static str> {
        let client = self.open().await?;
        let waiting: i64 = client.query_one("SELECT count(*) FROM outbox", &[]).await?.get(0);
        let deed = match random.bool() {
            true if waiting == 0 => "TRUNCATE outbox RESTART IDENTITY",
            _ => "SELECT setval('outbox_seq_seq', coalesce((SELECT min(seq) FROM outbox), 1), false)",
        };
        client.batch_execute(deed).await?;
        Ok(deed)
    }

    pub(super) async fn waiting(&self) -> anyhow::Result<u64> {
        let waiting: i64 = self.open().await?.query_one("SELECT count(*) FROM outbox", &[]).await?.get(0);
        Ok(waiting.try_into()?)
    }

    pub(super) async fn be_slow(&self, is_slow: bool) -> anyhow::Result<()> {
        Ok(self.open().await?.batch_execute(if is_slow { SLOW } else { NOT_SLOW }).await?)
    }

    pub(super) async fn keys(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.open().await?.query(KEYS, &[]).await?.iter().map(|row| row.get(0)).collect())
    }

    pub(super) async fn check(&self) -> anyhow::Result<()> {
        let client = self.open().await?;
        if client.query_opt("SELECT FROM pg_extension WHERE extname = 'amcheck'", &[]).await?.is_some() {
            client.query(CHECK, &[]).await.context("amcheck")?;
        }
        Ok(())
    }

    /// How many lanes this process owns, by the word of the database.
    pub(crate) async fn lanes_of(&self, pid: u32) -> Result<i64, tokio_postgres::Error> {
        let row = self.open().await?.query_one(OWNED, &[&pid.to_string()]).await?;
        row.try_get(0)
    }

    pub(super) async fn left(&self) -> anyhow::Result<Left> {
        let client = self.open().await?;
        let all = async |sql: &str| -> anyhow::Result<_> {
            let rows = client.query(sql, &[]).await.with_context(|| sql.to_owned())?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        };
        let committed = "SELECT id::text, seq, place FROM crash_committed ORDER BY place";
        let committed = client.query(committed, &[]).await?;
        let accused = format!(
            "SELECT id::text FROM outbox_dead WHERE error LIKE '{ACCUSATION}'
             UNION ALL SELECT name FROM outbox_trouble WHERE kind = 0 AND error LIKE '{ACCUSATION}'"
        );
        Ok(Left {
            committed: committed.iter().map(commit).collect::<anyhow::Result<_>>()?,
            dead: all("SELECT id::text FROM outbox_dead").await?,
            parked: all("SELECT name FROM outbox_trouble WHERE kind = 0 AND retry_at IS NULL").await?,
            accused: all(&accused).await?,
            waiting: all("SELECT id::text FROM outbox").await?,
        })
    }
}

fn commit(row: &Row) -> anyhow::Result<Commit> {
    let (seq, place): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
    Ok(Commit { id: row.try_get(0)?, seq: seq.try_into()?, place: place.try_into()? })
}
