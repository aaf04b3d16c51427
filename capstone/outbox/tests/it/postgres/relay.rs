//! Whole relays on PostgreSQL.

use std::sync::Arc;

use capstone_outbox::postgres::Target;
use capstone_outbox::store::StoreError;
use capstone_outbox::{Relay, RelayConfig};

use super::server::{Server, Stop};
use super::{open, put};
use crate::support::{Scripted, message, ms};

/// Until the relay has published so many.
async fn published(sink: &Scripted, count: usize) {
    while sink.story().len() < count {
        tokio::time::sleep(ms(5)).await;
    }
}

#[tokio::test]
async fn a_relay_goes_on_after_its_server_was_restarted_and_killed() {
    let Some(server) = Server::start() else { return };
    let address = server.address("postgres");
    Target::parse(&address).unwrap().migrate().await.unwrap();
    let store = Arc::new(open(&address).await);
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let story = async {
        put(&address, &[message("k", "1")]).await;
        published(&sink, 1).await;
        server.stop(Stop::Fast);
        assert!(matches!(store.status().await, Err(StoreError::Unavailable { .. })));
        server.run();
        put(&address, &[message("k", "2")]).await;
        published(&sink, 2).await;
        server.stop(Stop::Kill);
        server.run();
        put(&address, &[message("k", "3")]).await;
        published(&sink, 3).await;
        stop.send(()).unwrap();
    };
    let (report, ()) = tokio::join!(relay.run(async { drop(stopped.await) }), story);
    assert!(report.unwrap().drained);
    let payloads: Vec<String> = sink.story().iter().map(|line| line[5..6].to_owned()).collect();
    assert_eq!(payloads, ["1", "2", "3"]);
    assert_eq!(store.status().await.unwrap().pending, 0);
}

