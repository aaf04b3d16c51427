//! The example against a PostgreSQL of its own.

use std::future::pending;
use std::sync::{Arc, Mutex};

use capstone_outbox::postgres::{PostgresStore, Target};
use capstone_outbox::{Attempt, Envelope, Relay, RelayConfig, Sink, SinkError};
use capstone_postgres_server::Server;
use outbox_with_sqlx::order;
use sqlx::PgPool;

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Sink for Lines {
    async fn publish(&self, row: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let payload = String::from_utf8_lossy(&row.payload);
        let key = row.key.as_deref().unwrap_or("none");
        self.0.lock().unwrap().push(format!("{} {key} {payload} {}", row.topic, row.headers_json));
        Ok(())
    }
}

#[tokio::test]
async fn an_order_and_its_message_are_committed_together_or_not_at_all() {
    let Some(server) = Server::start() else { return };
    let address = server.address("postgres");
    let target = Target::parse(&address).unwrap();
    target.migrate().await.unwrap();
    let pool = PgPool::connect(&address).await.unwrap();
    sqlx::query("CREATE TABLE orders (id text PRIMARY KEY, cents bigint NOT NULL)")
        .execute(&pool)
        .await
        .unwrap();

    assert_eq!(order(&pool, "order-1", 1_250).await.unwrap(), Some(1));
    order(&pool, "order-1", 1_300)
        .await
        .expect_err("there is one with this id, so its message is not sent either");
    assert!(order(&pool, "order-2", 99).await.unwrap().is_some());

    let sink = Arc::new(Lines::default());
    let store = Arc::new(PostgresStore::connect(&target).await.unwrap());
    let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).unwrap();
    assert_eq!(relay.run_until_empty(pending()).await.unwrap().published, 2);
    let mut lines = sink.0.lock().unwrap().clone();
    lines.sort();
    assert_eq!(
        lines,
        [r#"orders.created order-1 {"cents":1250} {}"#, r#"orders.created order-2 {"cents":99} {}"#]
    );
}
