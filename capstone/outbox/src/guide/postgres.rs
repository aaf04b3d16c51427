//! From SQLite to PostgreSQL, several relays, and NATS JetStream. [The other page](super::sqlite) comes first: messages, failures and
//! the relay are the same. Rights, migrations and schemas are on [the next](super::production).
//!
//! # What changes
//!
//! | | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | feature | `sqlite`, on by default | `postgres` |
//! | tables | `SqliteStore::migrate` | `Target::migrate`, or `capstone migrate --db postgres://…` |
//! | enqueue | anywhere in the transaction | last in it |
//! | order of a key | SQLite has one writer at a time | enqueue locks the key until the commit |
//! | relays that work | one, others stand by | as many as you start, up to 64 |
//! | a relay learns of a commit | at once in its own process if the commit was one of `transaction`; else by looking, every 10 to 250 ms | at once in its own process, and in 25 ms and a round trip elsewhere, if somebody calls `PostgresStore::committed` after the commit; else within a second |
//!
//! # Enqueue last, and together
//!
//! PostgreSQL numbers rows before they are committed, so two transactions may commit in the other order. Therefore
//! `enqueue` locks the message's key, until the commit. Others who enqueue for that key wait so long; no other key does. A transaction that
//! enqueues and then goes on for a minute keeps its keys for a minute.
//!
//! So gather the messages in an [`OutboxBatch`](crate::OutboxBatch) and write them right before the commit, in one statement. It takes the
//! locks in one order, so that two transactions with the same keys cannot deadlock. Business rows still can, and an enqueue that
//! comes before a business row:
//! PostgreSQL then ends one of the two, after a second, and that one has to be run again, as a whole. `EnqueueError::is_retryable` says
//! when. `examples/postgres.rs` does it, with a pool of its own.
//!
#![cfg_attr(feature = "postgres", doc = "```no_run")]
#![cfg_attr(not(feature = "postgres"), doc = "```ignore")]
//! use capstone_outbox::{Message, OutboxBatch, postgres};
//!
//! # async fn order(client: &mut tokio_postgres::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let tx = client.transaction().await?;
//! let mut batch = OutboxBatch::new();
//! tx.execute("INSERT INTO orders (id) VALUES ('order-1')", &[]).await?;
//! batch.push(Message::new("orders.created".parse()?, "{}").with_key("order-1")?);
//! tx.execute("UPDATE stock SET pieces = pieces - 1 WHERE product = 'cup'", &[]).await?;
//! batch.push(Message::new("stock.taken".parse()?, "{}").with_key("cup")?);
//! postgres::enqueue_many(&tx, &batch).await?;
//! tx.commit().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Above 256 keys in one call whole lanes are locked instead, of which there are 64: a bulk load makes everybody wait, from its insert to
//! its commit. While it waits itself, for a transaction that has not been committed, it has no lane; only the lane of that one stands
//! still.
//!
//! # Several relays
//!
//! A key belongs to one of 64 lanes. Each relay leases its share of the lanes and is the only reader of their rows, so order needs no
//! more than that. Start one or ten: they share, and share anew when one comes or goes. The lanes of a relay whose process is gone are
//! free as soon as the server has noticed; those of one that is stopped, or cut off, after 8 s.
//!
//! A relay holds no transaction while it publishes, and deletes what was published. What it needs from the database:
//!
//! - **No transaction that stays open for hours**, of anybody in this database. It does not hold up messages, except those of the keys
//!   that it has locked. Beside one that had a snapshot and had written a row, a million messages came at 20,000 a second, on two cores for
//!   everything (`just bench relay beside`): in six runs 99 % were delivered within 2 ms of their commits, in each five seconds. But deleted
//!   rows cannot be cleared away meanwhile, and the table grows. Set `idle_in_transaction_session_timeout` for the service's role.
//! - **The primary**, and not a pooler that gives each transaction another session: a relay's lock lives with its session. The service itself
//!   may use one.
//! - **`synchronous_commit` on**, as it is by default. Without it a crash of the server forgets commits whose messages may be out.
//! - **TLS to another machine**, always, with its certificate checked: feature `postgres-tls`, and `sslrootcert=FILE` in the address
//!   unless the system knows who vouches for it. `Target::with_tls` takes a connector of your own.
//!
//! `capstone doctor --db postgres://shop@localhost/shop` looks whether all this is so, and whether anything waits that should not; a
//! service calls `Target::examine`.
//!
//! # Back it up, and put it back
//!
//! The outbox is tables like any others: `pg_dump` and `pg_restore` of the whole database take them along, while the service and relays
//! run. Dump and restore all of it, so that the sequences come with the rows, and start the service and the relays when it is done.
//! First deliveries come in the order of each key; what was delivered after the dump was made comes again, with the same ids.
//!
//! # Other libraries, other languages
//!
//! A service in Rust that has sqlx, sea-orm or diesel gets the statement and its parameters from `postgres::call`, and runs it in its own
//! transaction. `examples/sqlx` is one.
//!
//! The function `outbox_enqueue` does what `enqueue` does, locks included. Call it last in the transaction. It returns the row's number, or
//! NULL when a message with this id waits or is dead already. `examples/python/postgres.py` is a whole program.
//!
//! ```sql
//! SELECT outbox_enqueue('orders.created', 'order-1', '{"cents":1250}')
//! ```
//!
//! | parameter | type | a wrong value |
//! | --- | --- | --- |
//! | `topic` | `text` | NULL: `null value in column "topic" … violates not-null constraint`. No valid topic: given up by the sinks that need one |
//! | `key` | `text`, NULL for no order | empty, or over 512 bytes: `violates check constraint "outbox_key_check"` |
//! | `payload` | `text`, `json`, `jsonb`: stored as it is written, in UTF-8; `bytea`: any bytes | NULL: `null value in column "payload" … violates not-null constraint` |
//! | `headers` | `json`, `jsonb` or `text`; `'{}'` if left out | no JSON: `invalid input syntax for type json`; no object: `violates check constraint "outbox_headers_check"`. Values that are no strings: given up by the sinks that need strings |
//! | `id` | `uuid`, a random one if left out | `invalid input syntax for type uuid` |
//!
//! A literal, and a parameter for which the driver names no type, is taken for text: write `$3::bytea` where a driver asks the server for the
//! types and is to send bytes, as asyncpg and tokio-postgres do. `jsonb` has a text of its own, with other blanks and another order.
//!
//! `the number for this message is in use` means that rows were restored or copied without their sequence, which gives their numbers out
//! again; the hint, and `capstone doctor`, have the statement that mends it.
//!
//! A plain `INSERT` into `outbox` takes no lock: its messages are delivered, and two of them with one key may come in the wrong order.
//! Several keys in one transaction: call it in the same order of keys everywhere, or be ready to run the transaction again.
//!
//! # On to NATS JetStream
//!
//! Create a stream for the topics; the relay creates none unless told to. By the program:
//!
//! ```text
//! capstone relay --db postgres://shop@localhost/shop --sink nats://127.0.0.1:4222 --create-stream 'orders=orders.>'
//! ```
//!
//! In a service, feature `nats`:
//!
#![cfg_attr(all(feature = "postgres", feature = "nats"), doc = "```no_run")]
#![cfg_attr(not(all(feature = "postgres", feature = "nats")), doc = "```ignore")]
//! use std::sync::Arc;
//!
//! use capstone_outbox::postgres::{PostgresStore, Target};
//! use capstone_outbox::sink::NatsSink;
//! use capstone_outbox::{Relay, RelayConfig};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sink = NatsSink::connect("127.0.0.1:4222").await?;
//! sink.create_stream("orders", vec!["orders.>".into()]).await?; // Safe to repeat.
//! let target = Target::parse("postgres://shop@localhost/shop")?;
//! let store = Arc::new(PostgresStore::connect(&target).await?);
//! Relay::new(store, Arc::new(sink), RelayConfig::default())?.run(std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Who the relay is, the server is told by the options of `NatsSink::connect_with`, and of the program by the section `[nats]` of its
//! settings: `CAPSTONE_NATS_USER` and `CAPSTONE_NATS_PASSWORD`, `--nats-creds FILE` for a JWT with its key, `nats.nkey_file` for a key alone, or
//! `CAPSTONE_TOKEN`. An address that holds a password is refused. In a service, keys and JWTs need the feature `nats-nkeys`.
//!
//! Headers that belong to the server, `Nats-…`, are refused together with their message, except `Nats-Expected-Stream` and `Nats-TTL`.
//! A service that copies the headers of a message it has received leaves them out.
//!
//! A message is acknowledged when the stream has stored it. A topic that no stream takes is tried 10 times, then given up; the
//! error names the command that creates a stream.
//!
//! **The window for duplicates.** A message that is published again after a kill carries the same `Nats-Msg-Id`, its id, and the stream drops
//! it: for two minutes, unless the stream's `duplicate_window` says otherwise. A relay that comes back later leaves duplicates,
//! up to its window of 1,024.
//!
//! **A stored message can still be lost.** nats-server syncs its files every two minutes, unless its `sync_interval` says otherwise: a
//! power cut of a single server can take what it had acknowledged.
//!
//! `capstone doctor --db … --sink nats://127.0.0.1:4222` compares the server's streams with the relay's settings.
//!
//! # On the consumer's side
//!
//! Each message carries `outbox-id`, `outbox-seq` and `outbox-key` as headers. The id tells a repeat. Remember it in the transaction that does
//! what the message asks for, and acknowledge after the commit:
//!
//! ```sql
//! CREATE TABLE seen (consumer text, id uuid, PRIMARY KEY (consumer, id));
//! INSERT INTO seen VALUES ('billing', $1) ON CONFLICT DO NOTHING;  -- one row: the first time; none: acknowledge, do nothing
//! ```
//!
//! In Rust, on a PostgreSQL with our tables, `postgres::Inbox::once` does it. Under REPEATABLE READ or SERIALIZABLE the second of two that
//! come at once gets a serialization failure (40001) in place of the answer: run the transaction again, as
//! `InboxError::is_retryable` says.
//!
//! A repeat may come in the middle of a key: 1 2 3, then 2 3 again, then 4. Never 1 3 2.
