//! The least rights, as the guide gives them: each role does its work with them, and not the others'.

use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::operations::{Filter, Operations, Page, Sort, Verb};
use capstone_outbox::postgres::{Inbox, PostgresStore, Target, enqueue, enqueue_bulk, enqueue_many};
use capstone_outbox::stream::{StreamConfig, Streams};
use capstone_outbox::{MessageId, Relay, RelayConfig, SinkError};
use tokio_postgres::error::SqlState;

use super::connect;
use super::server::Server;
use crate::support::{Scripted, message, ms};

/// The database of `address`, as another role.
fn with_role(address: &str, role: &str) -> String {
    address.replace("postgres@", &format!("{role}@"))
}

async fn store(address: &str, role: &str) -> PostgresStore {
    PostgresStore::connect(&Target::parse(&with_role(address, role)).unwrap()).await.unwrap()
}

#[track_caller]
fn is_denied(outcome: Result<(), tokio_postgres::Error>) {
    assert_eq!(outcome.unwrap_err().code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
}

#[tokio::test]
async fn each_role_does_its_work_with_the_least_rights() {
    let Some(server) = Server::start() else { return };
    let address = server.address("postgres");
    Target::parse(&address).unwrap().migrate().await.unwrap();
    let owner = connect(&address).await;
    for role in ["application", "relay", "operator", "monitoring"] {
        owner.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    }
    owner.batch_execute(include_str!("../../../src/guide/rights.sql")).await.unwrap();
    application(&address).await;
    relay(&address).await;
    operator(&address).await;

    let of_outbox = store(&address, "monitoring").await.status().await.unwrap();
    assert_eq!((of_outbox.pending, of_outbox.held, of_outbox.dead), (2, 1, 0));
    let findings = Target::parse(&with_role(&address, "monitoring")).unwrap().examine().await;
    assert!(findings.iter().all(|finding| !["examination", "reachable"].contains(&finding.check) || finding.advice.is_none()), "{findings:?}");
    is_denied(connect(&with_role(&address, "monitoring")).await.batch_execute("DELETE FROM outbox").await);
}

/// Leaves four messages, of which a sink refuses two.
async fn application(address: &str) {
    let mut client = connect(&with_role(address, "application")).await;
    let tx = client.transaction().await.unwrap();
    enqueue(&tx, &message("k", "1")).await.unwrap();
    enqueue_many(&tx, &[message("", "refused")]).await.unwrap();
    enqueue_bulk(&tx, &[message("bad", "refused too")]).await.unwrap();
    tx.batch_execute("SELECT outbox_enqueue('orders.created', 'k', '2')").await.unwrap();
    Inbox::once(&tx, "billing", MessageId::generate()).await.unwrap();
    tx.commit().await.unwrap();
    Inbox::forget(&client, Duration::ZERO, 1).await.unwrap();
    store(address, "application").await.committed();
    is_denied(client.batch_execute("SELECT payload FROM outbox").await);
    is_denied(client.batch_execute("DELETE FROM outbox").await);
}

/// Publishes two of them, gives one up and parks the key of the other. Then a fifth one is there.
async fn relay(address: &str) {
    let refuse = |is_bad| if is_bad { Err(SinkError::Permanent("no".into())) } else { Ok(()) };
    let sink = Scripted::new(move |row, _| (ms(0), refuse(row.payload.starts_with(b"refused"))));
    let store = Arc::new(store(address, "relay").await);
    let mut relay = Relay::new(Arc::clone(&store), sink, RelayConfig::default()).unwrap();
    let report = relay.run_until_empty(std::future::pending()).await.unwrap();
    assert_eq!((report.published, report.buried, report.parked), (2, 1, 1));

    let mut client = connect(&with_role(address, "application")).await;
    let tx = client.transaction().await.unwrap();
    enqueue(&tx, &message("k", "3")).await.unwrap();
    tx.commit().await.unwrap();
    Streams::new(Arc::clone(&store)).create(StreamConfig::new("s")).await.unwrap();
    let client = connect(&with_role(address, "relay")).await;
    is_denied(
        client
            .batch_execute("INSERT INTO outbox (id, topic, payload) VALUES (gen_random_uuid(), 't', '')")
            .await,
    );
}

/// Sends what was given up again.
async fn operator(address: &str) {
    let store = store(address, "operator").await;
    let page = Page::first(Sort::Newest, 10);
    assert_eq!(store.dead_letters(&Filter::default(), page).await.unwrap().len(), 1);
    assert_eq!(store.requeue(&Filter::default()).await.unwrap().count, 1);
    store.discard(&Filter::default()).await.unwrap();
    let troubled = store.troubled(None, 10).await.unwrap();
    store.command(&troubled[0].ident, Verb::Retry, "anna").await.unwrap();
    store.pause("anna").await.unwrap();
    assert!(store.resume().await.unwrap().is_some());
    store.status().await.unwrap();
    is_denied(
        connect(&with_role(address, "operator"))
            .await
            .batch_execute("UPDATE outbox_lane SET owner = NULL")
            .await,
    );
}
