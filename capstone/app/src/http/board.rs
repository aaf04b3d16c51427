//! [`Board`]: takes a [`Snapshot`] when somebody asks, and not more often than the database can bear.

use std::sync::Arc;
use std::time::Duration;

use capstone_bus::Bus;
use capstone_bus::wire::Monitor;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::relay::Progress;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::Status;
use capstone_outbox::stream::Streams;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::snapshot::{Relayed, Snapshot};
use crate::database::Database;
use crate::listed::Listed;

/// Everybody who asks within this time gets the same.
const FRESH: Duration = Duration::from_secs(1);
/// Counting a long outbox takes long: it is done for at most a twentieth of the time.
const REST_BY_COST: u32 = 20;
/// A database that does not answer within this time cannot be read.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What there is to look at.
pub struct Board {
    started: Instant,
    bus: Bus,
    listener: Monitor,
    database: Option<Look>,
    /// Whoever comes while one reads waits for that.
    latest: Mutex<Option<Taken>>,
}

struct Taken {
    snapshot: Arc<Snapshot>,
    stale_at: Instant,
}

/// A look at the database that is served, by a connection of its own.
pub struct Look {
    store: LookAt,
    progress: Arc<Progress>,
}

enum LookAt {
    Sqlite(Arc<SqliteStore>),
    #[cfg(feature = "postgres")]
    Postgres(Arc<PostgresStore>),
}

impl Look {
    /// Connects. The progress is that of the relay in this process.
    ///
    /// # Errors
    /// The database is missing, or has no tables of ours.
    ///
    /// # Cancel safety
    /// Dropped, it has connected to nothing.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, reason = "only PostgreSQL is waited for")
    )]
    pub async fn open(database: &Database, progress: Arc<Progress>) -> anyhow::Result<Self> {
        let store = match database {
            Database::Sqlite(path) => LookAt::Sqlite(Arc::new(SqliteStore::open_existing(path)?)),
            #[cfg(feature = "postgres")]
            Database::Postgres(target) => LookAt::Postgres(Arc::new(PostgresStore::connect(target).await?)),
        };
        Ok(Self { store, progress })
    }

    async fn read(&self) -> anyhow::Result<(Status, Vec<Listed>)> {
        match &self.store {
            LookAt::Sqlite(store) => {
                let status = store.status().await?;
                Ok((status, Listed::all(&Streams::new(Arc::clone(store))).await?))
            }
            #[cfg(feature = "postgres")]
            LookAt::Postgres(store) => {
                let status = store.status().await?;
                Ok((status, Listed::all(&Streams::new(Arc::clone(store))).await?))
            }
        }
    }
}

impl Board {
    /// A board of this bus, its listener, and the database that is served, if one is.
    #[must_use]
    pub fn new(bus: Bus, listener: Monitor, database: Option<Look>) -> Self {
        Self { started: Instant::now(), bus, listener, database, latest: Mutex::new(None) }
    }

    /// Cancel safe: whoever waits next reads.
    pub(super) async fn snapshot(&self) -> Arc<Snapshot> {
        let mut latest = self.latest.lock().await;
        let now = Instant::now();
        if let Some(taken) = latest.as_ref().filter(|taken| now < taken.stale_at) {
            return Arc::clone(&taken.snapshot);
        }
        let snapshot = Arc::new(self.take().await);
        // One that failed has waited rather than cost, and is to be over as soon as it can be.
        let cost = if snapshot.problem.is_some() { Duration::ZERO } else { now.elapsed() };
        let stale_at = Instant::now() + FRESH.max(cost * REST_BY_COST);
        *latest = Some(Taken { snapshot: Arc::clone(&snapshot), stale_at });
        snapshot
    }

    async fn take(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: self.started.elapsed().as_secs(),
            bus: self.bus.stats().into(),
            listener: self.listener.stats().into(),
            ..Snapshot::default()
        };
        let Some(look) = &self.database else { return snapshot };
        snapshot.relay = Some(Relayed::from(&*look.progress));
        match timeout(ANSWER_WITHIN, look.read()).await {
            Ok(Ok((outbox, streams))) => (snapshot.outbox, snapshot.streams) = (Some(outbox), streams),
            Ok(Err(error)) => snapshot.problem = Some(format!("{error:#}")),
            Err(_elapsed) => snapshot.problem = Some(format!("no answer within {ANSWER_WITHIN:?}")),
        }
        snapshot
    }
}
