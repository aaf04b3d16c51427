//! The store in PostgreSQL, on a server that the tests start themselves.

mod bulk;
mod cancel;
mod enqueue;
mod failures;
mod function;
mod idle;
mod inbox;
mod late;
mod plans;
mod pooler;
mod publish;
mod relay;
mod rights;
mod schema;
mod statements;
mod status;
#[cfg(feature = "postgres-tls")]
mod tls;

use std::sync::atomic::{AtomicU32, Ordering};

use capstone_outbox::Message;
use capstone_outbox::postgres::{PostgresStore, Target, enqueue_many};
pub(crate) use capstone_postgres_server as server;
use tokio_postgres::{Client, NoTls};

use crate::owned::Subject;
use crate::support::ms;
use server::Server;

/// A new empty database on the shared server, by its address; `None` where PostgreSQL is missing.
pub(crate) async fn database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = Server::shared()?;
    let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    connect(&server.address("postgres"))
        .await
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    Some(server.address(&name))
}

/// A database with our tables, by its address.
pub(crate) async fn migrated() -> Option<String> {
    let address = database().await?;
    Target::parse(&address).unwrap().migrate().await.unwrap();
    Some(address)
}

/// A store in a database of its own.
pub(crate) async fn store() -> Option<PostgresStore> {
    Some(open(&migrated().await?).await)
}

/// A relay's store in a database that has our tables.
pub(crate) async fn open(address: &str) -> PostgresStore {
    PostgresStore::connect(&Target::parse(address).unwrap()).await.unwrap()
}

/// Commits them, in this order.
pub(crate) async fn put(address: &str, messages: &[Message]) {
    let mut client = connect(address).await;
    let tx = client.transaction().await.unwrap();
    enqueue_many(&tx, messages).await.unwrap();
    tx.commit().await.unwrap();
}

/// An application's connection.
pub(crate) async fn connect(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Returns once somebody in this database waits for a lock.
pub(crate) async fn somebody_waits(client: &Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(ms(1)).await;
    }
}

impl Subject for PostgresStore {
    async fn put(&self, messages: Vec<Message>) {
        let mut client = self.target().client().await.unwrap();
        let tx = client.transaction().await.unwrap();
        enqueue_many(&tx, &messages).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn dead(&self) -> usize {
        usize::try_from(self.status().await.unwrap().dead).unwrap()
    }
}
