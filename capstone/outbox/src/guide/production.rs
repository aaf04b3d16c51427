//! For those who look after the PostgreSQL: who may do what, how the tables are brought up to date, where they lie.
//!
//! # Rights
//!
//! Whoever runs `capstone migrate` owns the tables; nobody else needs to. With these, each does its work, and no more:
//!
//! ```sql
#![doc = include_str!("rights.sql")]
//! ```
//!
//! Row-level security on our tables has no place beside a relay: rows that a policy hides would wait for ever, and nobody would see
//! them. So a relay, and every command that reads them, refuses to begin where it is active for its user, and the doctor says so. Let the relay's user
//! own the tables, or give it `BYPASSRLS`.
//!
//! # Migrations
//!
//! `capstone migrate --db …` or `Target::migrate` brings the tables up to date, in one transaction. It is safe to repeat, also by all
//! processes of a service at once. It waits for a lock no longer than a second, since everybody who comes later waits behind it, and
//! then lets the others go first and tries again; after five times it says that somebody keeps a lock.
//!
//! For a tool that keeps the migrations of a service, the program prints the SQL, from the version that the database has or from one that is
//! named, and changes nothing:
//!
//! ```text
//! capstone migrate --db postgres://shop@localhost/shop --print > V7__outbox.sql
//! capstone migrate --db postgres://localhost/shop --print --from 0 > V1__outbox.sql
//! psql -1 -v ON_ERROR_STOP=1 -f V1__outbox.sql postgres://shop@localhost/shop
//! ```
//!
//! It must run in one transaction, as Flyway, sqlx and others run each file. `postgres::migration` returns the same text.
//!
//! **Several versions at once.** `outbox_meta` says of which version the tables are, and which is the oldest that a program must know to
//! go on with them: `compatible_from`. So migrate first, then bring one process after the other up to date: the old ones go on
//! meanwhile, and start again if they must, as long as the new tables let them in. A program whose tables are older than it knows does
//! not start.
//!
//! # Connections
//!
//! A relay has at most 4: one for its lease, which must be a session of its own and also listens, one that reads, and two for flushes
//! and for what is read by key. Those two are closed after 10 s without use; one that has no lane needs the first alone. A process that
//! tells others of its commits, or waits for streams, has one more for each, and up to four that publish to streams and consume.
//! A service that only enqueues needs none beside its own; each `status` or `doctor` takes a few for a moment. PostgreSQL allows 100 by
//! default: a few relays are enough, and 64 the most that have work. Where connections run short, warnings say so again and again, and an
//! application may get none; the doctor counts.
//!
//! A relay that has nothing to do makes one commit a second, its renewal, and looks at the rows every 10 s: ten of them 12 commits a second, with
//! 20 connections. The renewal also tells whether numbers were given out to new rows, so that nobody has to look for them. The first
//! message is delivered as fast as any: only its acknowledgement waits for a connection.
//!
//! `idle_session_timeout` must be off for the relay's user, or much longer than its renewals, a second apart.
//!
//! **Poolers.** An application may enqueue through PgBouncer in transaction mode: the locks end with the transaction, and `postgres::enqueue`
//! prepares no statement. A relay, and every command that looks into the tables, goes to the server itself: its lock lives with its
//! session. Where a pooler refuses the settings that a relay asks for, drops them, or gives two sessions one server process, the relay
//! says so and does not start. A `search_path` must then come from the role, `ALTER ROLE … SET`, and not from the address.
//!
//! A connection that the application's own pool hands out may be in an open transaction that somebody has left; no recycling method of
//! deadpool-postgres looks. What is enqueued there is committed when that one is, or never.
//!
//! # A schema of its own
//!
//! The tables are created in the first schema of the session's `search_path`, and it need not be `public`. The schema must be there; the
//! address, or the role, says which it is:
//!
//! ```text
//! capstone migrate --db 'postgres://shop@localhost/shop?options=-csearch_path%3Dmessages'
//! ALTER ROLE relay IN DATABASE shop SET search_path = messages
//! ```
//!
//! `messages.outbox_enqueue(…)` finds the tables beside it, under whatever `search_path` it is called, and so do the functions for streams. What
//! the library sends to the server names no schema: an application that calls `postgres::enqueue` needs the schema in its `search_path`.
//! Several schemas of one database, one a tenant, do not see each other's messages; each needs a relay. The locks on keys are the database's: two
//! tenants with equal keys wait for each other.
//!
