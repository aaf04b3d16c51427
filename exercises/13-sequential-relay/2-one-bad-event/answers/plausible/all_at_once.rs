//! Publishes all events concurrently, so their order is lost.
//~ fails with: broker was expected to log "is given event 7" at 130 ms, but did so at 0 ms: 130 ms too early

    let broker = std::sync::Arc::new(broker);
    let mut publishing = Vec::new();
    for id in events {
        let broker = broker.clone();
        publishing.push((id, tokio::spawn(async move { broker.publish(id).await })));
    }
    for (id, outcome) in publishing {
        match outcome.await.expect("publish does not panic") {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
