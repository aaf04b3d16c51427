//! Each event in a task of its own, awaited before the next one is spawned.

    let broker = std::sync::Arc::new(broker);
    for id in events {
        let broker = broker.clone();
        let publishing = tokio::spawn(async move { broker.publish(id).await });
        match publishing.await.expect("publish does not panic") {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
