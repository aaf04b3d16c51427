//! A service with a pool of PostgreSQL connections: business rows first, the messages last, again after a deadlock.
//!
//! `cargo run -p capstone-outbox --features postgres --example postgres -- postgres://USER@HOST/DATABASE`. It adds the outbox's
//! tables and two of its own. The relay runs in the same process here; it may as well be several others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use capstone_outbox::postgres::{self, PostgresStore, Target};
use capstone_outbox::sink::StdoutSink;
use capstone_outbox::{Message, OutboxBatch, Relay, RelayConfig, Sink};
use deadpool_postgres::{Manager, Pool};
use tokio::sync::Barrier;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// More would mean that something else is wrong.
const ATTEMPTS_MAX: u32 = 10;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS stock (product text PRIMARY KEY, pieces integer NOT NULL CHECK (pieces >= 0));
    CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY, products text[] NOT NULL);
    INSERT INTO stock VALUES ('cup', 10), ('saucer', 10) ON CONFLICT DO NOTHING";

/// The service. It knows nothing of relays and sinks.
struct Shop {
    pool: Pool,
    attempts: AtomicU32,
    /// Makes the two orders of this example meet in the middle, once.
    meeting: Barrier,
}

impl Shop {
    // ANCHOR: again
    /// Takes the products from stock. An order that got into another's way is tried again, as a whole.
    async fn order(&self, id: &str, products: &[&str]) -> Result<(), Error> {
        for attempt in 1..=ATTEMPTS_MAX {
            self.attempts.fetch_add(1, Ordering::Relaxed);
            match self.try_order(id, products, attempt).await {
                Err(error) if attempt < ATTEMPTS_MAX && is_retryable(&error) => {}
                outcome => return outcome,
            }
        }
        unreachable!("the last attempt returns")
    }
    // ANCHOR_END: again

    // ANCHOR: order
    async fn try_order(&self, id: &str, products: &[&str], attempt: u32) -> Result<(), Error> {
        let mut client = self.pool.get().await?;
        // Dropped without a commit, by an error or because nobody waits for us any more, it is rolled back.
        let tx = client.transaction().await?;
        let mut batch = OutboxBatch::new();
        for product in products {
            tx.execute("UPDATE stock SET pieces = pieces - 1 WHERE product = $1", &[product]).await?;
            batch.push(Message::new("stock.taken".parse()?, id.to_owned()).with_key(*product)?);
            if attempt == 1 && batch.len() == 1 {
                self.meeting.wait().await;
            }
        }
        tx.execute("INSERT INTO orders VALUES ($1, $2)", &[&id, &products]).await?;
        // Last: from here to the commit, others who enqueue for these products wait.
        postgres::enqueue_many(&tx, &batch).await?;
        Ok(tx.commit().await?)
    }
    // ANCHOR_END: order
}

// ANCHOR: retryable
/// PostgreSQL ended the transaction because of another one. It was rolled back, and may succeed when it is run again.
fn is_retryable(error: &Error) -> bool {
    if let Some(error) = error.downcast_ref::<postgres::EnqueueError>() {
        return error.is_retryable();
    }
    let code = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    code.is_some_and(|code| {
        [&SqlState::T_R_DEADLOCK_DETECTED, &SqlState::T_R_SERIALIZATION_FAILURE].contains(&code)
    })
}
// ANCHOR_END: retryable

/// Two orders that take the same products in opposite order: PostgreSQL ends one of them, which is tried again. Returns how
/// many attempts both took.
pub(crate) async fn run(address: &str, sink: Arc<impl Sink>) -> Result<u32, Error> {
    let target = Target::parse(address)?;
    target.migrate().await?; // Beside the service's own tables; safe to repeat.
    let pool = Pool::builder(Manager::new(address.parse()?, NoTls)).build()?;
    pool.get().await?.batch_execute(TABLES).await?;
    let shop = Shop { pool, attempts: AtomicU32::new(0), meeting: Barrier::new(2) };
    tokio::try_join!(shop.order("order-1", &["cup", "saucer"]), shop.order("order-2", &["saucer", "cup"]))?;

    // ANCHOR: relay
    // For good it is `run`, until the service is told to stop.
    let store = Arc::new(PostgresStore::connect(&target).await?);
    let mut relay = Relay::new(store, sink, RelayConfig::default())?;
    relay.run_until_empty(std::future::pending()).await?;
    // ANCHOR_END: relay
    Ok(shop.attempts.into_inner())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).ok_or("usage: postgres postgres://USER@HOST/DATABASE")?;
    let attempts = run(&address, Arc::new(StdoutSink::new()?)).await?;
    eprintln!("two orders in {attempts} attempts");
    Ok(())
}
