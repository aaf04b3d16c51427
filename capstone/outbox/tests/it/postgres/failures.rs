//! A server that is stopped, killed or frozen, and relays that die.

use std::time::Duration;

use capstone_outbox::postgres::{PostgresStore, Target};
use capstone_outbox::store::{Owner, Store, StoreError};
use tokio::time::timeout;

use super::server::{Server, Stop};
use super::{migrated, open};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_store_connects_again_after_its_server_was_restarted_and_killed() {
    let Some(server) = Server::start() else { return };
    let address = server.address("postgres");
    Target::parse(&address).unwrap().migrate().await.unwrap();
    let store = open(&address).await;
    let owner = Owner::new("a");
    let leases = store.acquire(&owner, 64, HOUR).await.unwrap();
    for stop in [Stop::Fast, Stop::Kill] {
        store.changed().await;
        server.stop(stop);
        assert!(matches!(store.status().await, Err(StoreError::Unavailable { .. })));
        assert!(matches!(store.renew(&owner, HOUR).await, Err(StoreError::Unavailable { .. })));
        server.run();
        assert_eq!(store.renew(&owner, HOUR).await.unwrap().leases, leases);
        assert_eq!(store.status().await.unwrap().owner.as_deref(), Some("a"));
    }
    store.changed().await; // It listens again.
}

#[tokio::test]
async fn a_frozen_server_is_unavailable_and_then_there_again() {
    let Some(server) = Server::start() else { return };
    let address = server.address("postgres");
    Target::parse(&address).unwrap().migrate().await.unwrap();
    let store = open(&address).await;
    let owner = Owner::new("a");
    let leases = store.acquire(&owner, 64, HOUR).await.unwrap();
    server.freeze();
    let outcome = timeout(Duration::from_secs(60), store.renew(&owner, HOUR)).await;
    let error = outcome.expect("it does not hang").unwrap_err();
    server.thaw();
    assert!(error.to_string().ends_with(": the server does not answer"), "{error}");
    assert_eq!(store.renew(&owner, HOUR).await.unwrap().leases, leases);
}

#[tokio::test]
async fn the_lanes_of_a_process_that_died_are_free_at_once() {
    let Some(address) = migrated().await else { return };
    let (first, second) = (open(&address).await, open(&address).await);
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    assert_eq!(first.acquire(&a, 40, HOUR).await.unwrap().len(), 40);
    assert_eq!(second.acquire(&b, 64, HOUR).await.unwrap().len(), 24);
    assert_eq!(second.renew(&b, HOUR).await.unwrap().relays, 2);
    // What the operating system does when the process is gone: its connections are closed, the lease is not.
    drop(first);
    let mut taken = 24;
    while taken < 64 {
        taken += second.acquire(&b, 64, HOUR).await.unwrap().len();
    }
    assert_eq!(second.renew(&b, HOUR).await.unwrap().relays, 1);
}

#[tokio::test]
async fn who_was_stopped_past_its_lease_finds_its_lanes_taken() {
    let Some(address) = migrated().await else { return };
    let (stopped, successor) = (open(&address).await, open(&address).await);
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    // The session of the stopped process lives; its lease has expired.
    assert_eq!(stopped.acquire(&a, 64, Duration::ZERO).await.unwrap().len(), 64);
    assert_eq!(successor.acquire(&b, 64, HOUR).await.unwrap().len(), 64);
    assert_eq!(stopped.renew(&a, HOUR).await.unwrap().leases, []);
    assert_eq!(stopped.acquire(&a, 64, HOUR).await.unwrap(), []);
    assert_eq!(successor.renew(&b, HOUR).await.unwrap().leases.len(), 64);
}

#[tokio::test]
async fn a_commit_elsewhere_wakes_the_relay() {
    let Some(address) = migrated().await else { return };
    let (relay, application) = (open(&address).await, open(&address).await);
    // It listens with the session of its lease, and looks at once.
    relay.renew(&Owner::new("a"), HOUR).await.unwrap();
    relay.changed().await;
    application.committed();
    timeout(Duration::from_secs(60), relay.changed()).await.expect("it is heard");
}

#[tokio::test]
async fn no_error_shows_the_password() {
    let Some(server) = Server::shared() else { return };
    let address = server.address("no_such_database").replace("postgres@", "postgres:s3cret@");
    let target = Target::parse(&address).unwrap();
    let error = PostgresStore::connect(&target).await.err().expect("there is no such database");
    assert!(matches!(error, StoreError::Unusable { .. }));
    let said = format!("{error} {error:?} {target} {target:?}");
    assert!(said.contains("database \"no_such_database\" does not exist (3D000)"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    let nobody = Target::parse("postgres://a:s3cret@127.0.0.1:1/d").unwrap();
    let error = nobody.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_database_without_tables_says_how_to_get_them() {
    let Some(address) = super::database().await else { return };
    let error = PostgresStore::connect(&Target::parse(&address).unwrap()).await.err().unwrap();
    assert!(error.to_string().ends_with("has no outbox tables: add them with `capstone migrate`"), "{error}");
}
