//! PostgreSQL: a database with a backlog, and what carries it off.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use capstone_outbox::postgres::{PostgresStore, Target};
use capstone_outbox::{Relay, RelayConfig, Sink};
use capstone_postgres_server::Server;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tokio_postgres::{Client, Error, NoTls};

use super::backlog::{Backlog, Checked, Dialect, Refusing};
use super::cpu::Cpu;

/// Beside the defaults: memory for the tables, and no checkpoint that falls into a round because of the round before.
const SETTINGS: &[&str] = &["shared_buffers=1GB", "max_wal_size=16GB", "checkpoint_timeout=1h"];

/// What a relay fetches at once, and so does the loop without one.
const BATCH: i64 = 500;

const DIALECT: Dialect = Dialect {
    series: "SELECT generate_series(0, {rows}::bigint - 1) AS n",
    id: "lpad(to_hex({n}), 32, '0')::uuid",
    payload: "convert_to(rpad(lpad(key::text, 4, '0') || lpad(place::text, 8, '0'), 100, 'x'), 'UTF8')",
};

/// A server, and the runtime that everything runs on which talks to it.
pub struct Bench {
    pub runtime: Runtime,
    pub server: Server,
    number: AtomicU32,
}

/// A database with a backlog. Rounds work on copies of it.
pub struct Template<'a> {
    pub database: Database<'a>,
    backlog: Backlog,
}

/// Dropped from the server with this.
pub struct Database<'a> {
    bench: &'a Bench,
    name: String,
}

impl Bench {
    pub fn start() -> Result<Self, String> {
        let runtime = crate::round::runtime();
        let server =
            Server::start_with(SETTINGS).ok_or("PostgreSQL is missing: `cargo x tools` fetches it")?;
        Ok(Self { runtime, server, number: AtomicU32::new(0) })
    }

    /// What the server says that it is.
    pub fn version(&self) -> String {
        let asked = async {
            let client = connect(&self.server.address("postgres")).await;
            client.query_one("SHOW server_version", &[]).await
        };
        let version: String = self.runtime.block_on(asked).expect("every server knows").get(0);
        format!("PostgreSQL {version}")
    }

    /// In a database that is there from the start.
    fn administer(&self, statement: &str) {
        let address = self.server.address("postgres");
        let done = async { connect(&address).await.batch_execute(statement).await };
        self.runtime.block_on(done).expect("a statement that works");
    }

    pub fn template(&self, backlog: Backlog) -> Template<'_> {
        let database = self.empty();
        let target = Target::parse(&database.address()).expect("an address");
        self.runtime.block_on(target.migrate()).expect("a new database");
        let template = Template { database, backlog };
        template.insert(backlog);
        template
    }

    /// What is in front belongs to a key that is parked: a relay has met all of it.
    pub fn parked(&self, backlog: Backlog) -> Template<'_> {
        let template = self.template(Backlog { rows: 0, ..backlog });
        let parked = self.runtime.block_on(async {
            let store = Arc::new(open(&template.database.address()).await);
            let mut relay =
                Relay::new(store, Arc::new(Refusing), RelayConfig::default()).expect("settings that fit");
            relay.run_until_empty(std::future::pending()).await.expect("a store that works").parked
        });
        assert_eq!(parked, 1);
        template.insert(Backlog::of(backlog.rows));
        Template { backlog, ..template }
    }

    fn database(&self, options: &str) -> Database<'_> {
        let name = format!("bench{}", self.number.fetch_add(1, Relaxed));
        self.administer(&format!("CREATE DATABASE {name} {options}"));
        Database { bench: self, name }
    }

    /// An empty database.
    pub fn empty(&self) -> Database<'_> {
        self.database("")
    }
}

impl Template<'_> {
    fn insert(&self, backlog: Backlog) {
        let [in_front, rows] = backlog.insert(&DIALECT);
        self.database.bench.runtime.block_on(async {
            let client = connect(&self.database.address()).await;
            for (count, insert) in [(backlog.in_front, in_front), (backlog.rows, rows)] {
                if count > 0 {
                    client.batch_execute(&insert).await.expect("our tables");
                }
            }
            client.batch_execute("VACUUM ANALYZE outbox").await.expect("our tables");
        });
    }

    /// On the disk when it returns, so that no round pays for the copy.
    pub fn copy(&self) -> Database<'_> {
        let Database { bench, name } = &self.database;
        bench.database(&format!("TEMPLATE {name} STRATEGY file_copy"))
    }

    /// Rows a second, by a relay that empties the outbox.
    pub fn relay(&self) -> f64 {
        let sink = Arc::new(Checked::new(self.backlog));
        let rate = self.relay_to(Arc::clone(&sink));
        sink.verify();
        rate
    }

    /// Rows a second, to whatever sink.
    pub fn relay_to<K: Sink>(&self, sink: Arc<K>) -> f64 {
        let copy = self.copy();
        let rate = self.database.bench.runtime.block_on(drain(&copy.address(), self.backlog, sink));
        assert_eq!(copy.rows(), self.backlog.in_front, "all is acknowledged but what is parked");
        rate
    }

    /// Microseconds of the processor's time a row, the server's and the relay's together.
    pub fn relay_cpu_us(&self) -> f64 {
        let sink = Arc::new(Checked::new(self.backlog));
        self.cpu_us(async |address| {
            drain(address, self.backlog, sink).await;
        })
    }

    /// The same of the bare loop.
    pub fn bare_cpu_us(&self) -> f64 {
        let checked = Checked::new(self.backlog);
        self.cpu_us(async |address| carry(&connect(address).await, &checked).await.expect("our tables"))
    }

    fn cpu_us(&self, run: impl AsyncFnOnce(&str)) -> f64 {
        let copy = self.copy();
        self.database.bench.runtime.block_on(async {
            let session = connect(&copy.address()).await;
            let pid = session.query_one("SELECT pg_backend_pid()", &[]).await.expect("a connection");
            let cpu = Cpu::of_session(pid.get::<_, i32>(0) as u32);
            let before = cpu.spent_s();
            run(&copy.address()).await;
            (cpu.spent_s() - before) * 1e6 / self.backlog.rows as f64
        })
    }

    /// Rows a second, while somebody else in the database has a transaction open, and a snapshot with it.
    pub fn relay_beside_idle(&self) -> f64 {
        let copy = self.copy();
        let sink = Arc::new(Checked::new(self.backlog));
        let rate = self.database.bench.runtime.block_on(async {
            let idle = connect(&copy.address()).await;
            let open = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM outbox_meta";
            idle.batch_execute(open).await.expect("our tables");
            drain(&copy.address(), self.backlog, Arc::clone(&sink)).await
        });
        sink.verify();
        assert_eq!(copy.rows(), 0, "all is acknowledged");
        rate
    }

    /// Rows of the thousand keys a second, until all of them have arrived; those in front may go on.
    pub fn overtake(&self) -> f64 {
        let copy = self.copy();
        let sink = Arc::new(Checked::new(self.backlog));
        let (time, published) = self.database.bench.runtime.block_on(async {
            let store = Arc::new(open(&copy.address()).await);
            let mut relay =
                Relay::new(store, Arc::clone(&sink), RelayConfig::default()).expect("settings that fit");
            let since = Instant::now();
            let mut time = 0.0;
            let complete = async {
                sink.complete().await;
                time = since.elapsed().as_secs_f64();
            };
            let report = relay.run(complete).await.expect("a store that works");
            (time, report.published)
        });
        sink.verify();
        assert_eq!(copy.rows(), self.backlog.rows + self.backlog.in_front - published);
        self.backlog.rows as f64 / time
    }

    /// Rows a second, by the loop that a relay cannot be faster than: read a batch, delete it, commit.
    pub fn bare_loop(&self) -> f64 {
        let copy = self.copy();
        let checked = Checked::new(self.backlog);
        let time = self.database.bench.runtime.block_on(async {
            let client = connect(&copy.address()).await;
            let since = Instant::now();
            carry(&client, &checked).await.expect("our tables");
            since.elapsed().as_secs_f64()
        });
        checked.verify();
        assert_eq!(copy.rows(), 0);
        self.backlog.rows as f64 / time
    }
}

impl Database<'_> {
    pub fn address(&self) -> String {
        self.bench.server.address(&self.name)
    }

    /// Rows of the outbox.
    pub fn rows(&self) -> u64 {
        let count = async {
            let client = connect(&self.address()).await;
            client.query_one("SELECT count(*) FROM outbox", &[]).await.expect("our tables").get::<_, i64>(0)
        };
        self.bench.runtime.block_on(count) as u64
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        self.bench.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// A relay's store.
pub async fn open(address: &str) -> PostgresStore {
    let target = Target::parse(address).expect("an address");
    PostgresStore::connect(&target).await.expect("our tables")
}

async fn drain<K: Sink>(address: &str, backlog: Backlog, sink: Arc<K>) -> f64 {
    let store = Arc::new(open(address).await);
    let mut relay = Relay::new(store, sink, RelayConfig::default()).expect("settings that fit");
    let since = Instant::now();
    let report = relay.run_until_empty(std::future::pending()).await.expect("a store that works");
    let time = since.elapsed().as_secs_f64();
    assert_eq!(report.published, backlog.rows);
    backlog.rows as f64 / time
}

async fn carry(client: &Client, checked: &Checked) -> Result<(), Error> {
    let select = "SELECT seq, id, topic, key, headers::text, payload FROM outbox
                   WHERE state = 0 AND seq > $1 ORDER BY seq LIMIT $2";
    let select = client.prepare(select).await?;
    let delete = client.prepare("DELETE FROM outbox WHERE seq = ANY($1)").await?;
    let mut after = 0_i64;
    loop {
        let rows = client.query(&select, &[&after, &BATCH]).await?;
        let read: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        let Some(last) = read.last() else { return Ok(()) };
        after = *last;
        for row in &rows {
            checked.take(row.get(5));
        }
        client.execute(&delete, &[&read]).await?;
    }
}

/// A connection that ends with its client.
pub async fn connect(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.expect("a server that listens");
    tokio::spawn(connection);
    client
}
