//! From a service on SQLite to messages that leave it reliably.
//!
//! A service that writes its database and then tells a broker loses the message when it dies between the two; one that tells
//! first tells of what may never be committed. With an outbox the message is a row, written in the transaction that it is about.
//! A relay reads the rows and publishes them, as often as it takes.
//!
//! # 1. Add the tables
//!
//! Once, where the service creates its own tables. It is safe to repeat, and touches no table that does not begin with `outbox`.
//!
//! ```
//! # use capstone_outbox::sqlite::SqliteStore;
//! # let folder = tempfile::tempdir()?;
//! # let database = folder.path().join("shop.db");
//! SqliteStore::migrate(&database)?;
//! # assert!(!SqliteStore::migrate(&database)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The program does the same: `capstone migrate --db sqlite:shop.db`. With `--print` it prints the SQL instead, for a tool that keeps a
//! service's migrations. The tables say which versions of the library may use them: migrate first, then bring the processes up to date.
//!
//! # 2. Enqueue in your own transaction
//!
//! With a connection of your own, in any thread. [`configure`](crate::sqlite::configure) makes it one that waits its turn, up to
//! 5 s, beside the relay.
//!
//! ```
//! use capstone_outbox::{Message, sqlite};
//! use rusqlite::{Connection, TransactionBehavior};
//!
//! # let folder = tempfile::tempdir()?;
//! # let database = folder.path().join("shop.db");
//! # sqlite::SqliteStore::migrate(&database)?;
//! let mut connection = Connection::open(&database)?;
//! sqlite::configure(&mut connection)?;
//! # connection.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, cents INTEGER)")?;
//!
//! let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
//! tx.execute("INSERT INTO orders (cents) VALUES (1250)", [])?;
//! let created = Message::new("orders.created".parse()?, r#"{"cents":1250}"#).with_key("order-1")?;
//! sqlite::enqueue(&tx, &created)?;
//! tx.commit()?; // The order and its message, or neither.
//! # assert_eq!(connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0))?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `Immediate`, because a transaction that begins by reading and writes later can be refused without having waited. Commit soon:
//! SQLite has one writer at a time, and the relay is one too.
//!
//! Async code without a connection of its own gives its writes to [`SqliteStore::transaction`](crate::sqlite::SqliteStore::transaction).
//! All callers that wait at the same time share one commit.
//!
//! What a message is made of:
//!
//! | part | |
//! | --- | --- |
//! | topic | tokens with dots between, `orders.created`: where it goes |
//! | key | up to 512 bytes, or none. Messages of one key are published in the order of their commits, one at a time. Without a key there is no order, and nothing to wait for. Take what must not be overtaken: the order's number, not the customer's |
//! | payload | any bytes. Nothing here looks into them |
//! | headers | names and values, as text |
//! | id | a UUID, version 7 unless you choose one. It stays the same however often the message is published |
//!
//! The same id again, while it waits or is dead, adds nothing: whoever does not know whether a commit went through runs the
//! whole transaction again, with the same id.
//!
//! # 3. Run a relay
//!
//! In the service, or as a process of its own: `capstone relay --db sqlite:shop.db --sink file:out.ndjson`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use capstone_outbox::sink::FileSink;
//! use capstone_outbox::sqlite::SqliteStore;
//! use capstone_outbox::{Relay, RelayConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (database, file) = (folder.path().join("shop.db"), folder.path().join("out.ndjson"));
//! # SqliteStore::migrate(&database)?;
//! # let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let store = Arc::new(SqliteStore::open(&database)?);
//! let sink = Arc::new(FileSink::open(&file)?);
//! let mut relay = Relay::new(store, sink, RelayConfig::default())?;
//! # stop.send(()).ok();
//! let shutdown = async {
//!     stopped.await.ok(); // Or `tokio::signal::ctrl_c()`.
//! };
//! let report = relay.run(shutdown).await?;
//! assert!(report.drained);
//! # Ok(())
//! # }
//! ```
//!
//! When `shutdown` is ready, what is under way is finished and acknowledged, for at most 10 s: a clean stop leaves no duplicate. After
//! a kill, up to 1,024 messages, the relay's window, come a second time.
//!
//! One relay works at a time. A second one stands by, and takes over within a second or so when the first one's process is gone, or
//! after 8 s when it is stopped and does not answer.
//!
//! # 4. Choose where they go
//!
//! | sink | a message is acknowledged when |
//! | --- | --- |
//! | [`FileSink`](crate::sink::FileSink), [`StdoutSink`](crate::sink::StdoutSink) | its line of JSON is on the disk; the pipe has it |
//! | [`StreamSink`](crate::sink::StreamSink) | it has moved into a [stream](crate::stream), for several readers in this database |
//! | [`BusSink`](crate::sink::BusSink) | every subscription of this process's bus has accepted it. A kill loses what was not handled yet |
//! | `NatsSink`, feature `nats` | a JetStream stream has stored it: see [the other page](super::postgres) |
//! | your own | your [`publish`](crate::Sink::publish) returns `Ok`. `examples/own_sink.rs` posts to a webhook |
//!
//! The file may be rotated while the relay runs, which [`FileSink`](crate::sink::FileSink) has a rule of `logrotate` for.
//!
//! What only ever goes into a stream of the same database needs no relay: [`publish`](crate::sqlite::publish) appends it in the service's
//! own transaction.
//!
//! Limits, such as 100 messages a second, are layers around a sink: `ServiceSink`, feature `tower`.
//!
//! # 5. Expect repeats on the other side
//!
//! Nobody delivers exactly once across two systems. A consumer that must not act twice remembers the id in the same transaction in
//! which it acts: [`Inbox`](crate::sqlite::Inbox) does that in SQLite.
//!
//! # 6. Know what happens to a failure
//!
//! | the sink says | the relay |
//! | --- | --- |
//! | [`Unavailable`](crate::SinkError::Unavailable) | pauses altogether, and tries one message now and then. No attempt is counted |
//! | [`Retryable`](crate::SinkError::Retryable) | tries 30 times in all, at most 100 ms later at first, twice that each time, up to 15 min: for 2 to 5 hours. Only this key waits |
//! | [`TimedOut`](crate::SinkError::TimedOut), or nothing for 4 s | does the same, at most 1 min later, since the message may have been taken. If nothing else is answered either, it pauses as for the first |
//! | [`Permanent`](crate::SinkError::Permanent) | gives it up at once |
//! | [`Closed`](crate::SinkError::Closed) | stops, with an error. What was not published stays |
//!
//! Given up, a message with a key stays, and its key with it: to go on would break the order. One without a key moves to the table of
//! dead letters. [`RetryConfig`](crate::relay::RetryConfig) has both as settings. `capstone status --db sqlite:shop.db` and
//! [`status`](crate::sqlite::SqliteStore::status) show what waits, for how long, and which keys are in trouble: watch
//! [`oldest_ms`](crate::store::Status::oldest_ms).
//!
//! Once what was wrong is mended: `capstone keys retry order-1`, or `keys skip`, which gives up the one message in front, and `capstone
//! dead requeue`. The relay that holds the key's lane does it, within a second or so. A service does the same through
//! [`Operations`](crate::Operations).
//!
//! `capstone doctor --db sqlite:shop.db` looks for what is wrong or may go wrong, from the file to the relay's lease, and says what to do; it
//! exits with 1 if it finds a problem. It reads the whole file. A service asks with [`examine`](crate::sqlite::SqliteStore::examine).
//!
//! # Back it up, and put it back
//!
//! ```text
//! capstone backup --db sqlite:shop.db --to backup.db
//! ```
//!
//! copies all of the file, as it was at one moment, while the service writes and a relay runs; nobody waits for it. A service calls
//! [`backup`](crate::sqlite::SqliteStore::backup). Do not copy the file with `cp`: its last commits lie in the `-wal` file beside it. Nor
//! with SQLite's backup functions a few pages at a time: they begin again with each commit, and beside a busy writer may never come to
//! an end.
//!
//! To put it back, stop every process that uses the database, move its file away together with its `-wal` and `-shm`, move the copy
//! there, and start again. The relay goes on from there, in the order of each key: what was delivered since the copy was made is
//! delivered again, with the same ids, and what was committed since is gone with its orders. A store or a relay that has the file open
//! while it is replaced ends with an error that says so.
//!
//! # Other languages
//!
//! Any program with SQLite can enqueue, in its own transaction; `examples/python/sqlite.py` is one:
//!
//! ```sql
//! INSERT INTO outbox (id, topic, key, headers, payload)
//! SELECT :id, :topic, :key, :headers, :payload
//!  WHERE NOT EXISTS (SELECT 1 FROM outbox_dead WHERE id = :id)
//! ON CONFLICT (id) DO NOTHING
//! ```
//!
//! | parameter | type | a wrong value |
//! | --- | --- | --- |
//! | `:id` | BLOB of 16 bytes, a UUID | `CHECK constraint failed: length(id) = 16`; text: `cannot store TEXT value in BLOB column outbox.id` |
//! | `:topic` | TEXT | NULL: `NOT NULL constraint failed: outbox.topic`. No valid topic: given up by the sinks that need one |
//! | `:key` | TEXT, or NULL for no order | |
//! | `:headers` | TEXT, a JSON object of strings | no JSON: `malformed JSON`; no object: `CHECK constraint failed: json_type(headers) = 'object'`. Values that are no strings: given up by the sinks that need strings |
//! | `:payload` | BLOB | text: `cannot store TEXT value in BLOB column outbox.payload` |
//!
//! The order is that of the commits, with nothing else to do: SQLite lets one transaction write at a time. `BEGIN IMMEDIATE`, wait when
//! it is busy (`timeout` in Python, `busy_timeout` elsewhere), and keep `synchronous = FULL`: with `NORMAL`, which loses the last
//! commits in a power cut, a message may have been published whose order is gone.
//!
//! SQLite before 3.51.3 can damage a database in WAL mode, in a rare race. This crate brings a newer one; other programs on the same file
//! should have one too.
