//! How many statements a backlog takes.

use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::postgres::enqueue_many;
use capstone_outbox::{Attempt, Envelope, Message, Relay, RelayConfig, Sink, SinkError};
use tokio::sync::Barrier;
use tokio_postgres::Client;

use super::{connect, migrated, open};
use crate::support::message;

/// Counts statements that write to the outbox, also those that meet no row; the counts survive a statement that fails.
const COUNT: &str = "
    CREATE SEQUENCE counted_insert MINVALUE 0 START 0;
    CREATE SEQUENCE counted_delete MINVALUE 0 START 0;
    CREATE SEQUENCE counted_update MINVALUE 0 START 0;
    CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM nextval('counted_' || lower(TG_OP)); RETURN NULL; END $$;
    CREATE TRIGGER counted AFTER INSERT OR DELETE OR UPDATE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION counted();";

/// Answers five hundred at once, so that how many results a flush carries does not depend on who is faster.
struct Together(Barrier);

impl Sink for Together {
    async fn publish(&self, _message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        self.0.wait().await;
        Ok(())
    }
}

async fn counted(client: &Client, operation: &str) -> i64 {
    let next = format!("SELECT nextval('counted_{operation}')");
    client.query_one(&next, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_backlog_takes_a_statement_a_batch_and_no_update() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    client.batch_execute(COUNT).await.unwrap();
    for batch in 0..50_usize {
        let messages: Vec<Message> = (0..100).map(|n| message(&format!("k{batch} {n}"), "x")).collect();
        let tx = client.transaction().await.unwrap();
        enqueue_many(&tx, &messages).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(counted(&client, "insert").await, 50);

    // No publish times out, however slow the machine is.
    let (publish_timeout, lease_ttl) = (Duration::from_secs(60), Duration::from_secs(90));
    let config = RelayConfig::default().publish_timeout(publish_timeout).lease_ttl(lease_ttl);
    let sink = Arc::new(Together(Barrier::new(500)));
    let mut relay = Relay::new(Arc::new(open(&address).await), sink, config).unwrap();
    let report = relay.run_until_empty(std::future::pending()).await.unwrap();
    assert_eq!(report.published, 5_000);
    let deletes = counted(&client, "delete").await;
    assert!((1..=50).contains(&deletes), "{deletes} deletes");
    assert_eq!(counted(&client, "update").await, 0);
}
