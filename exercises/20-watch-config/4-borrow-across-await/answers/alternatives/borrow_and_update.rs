//! Marks the value as seen, which makes no difference here.
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let Config { endpoint, timeout } = config.borrow_and_update().clone();
            let broker = Broker::connect(&endpoint).await;
            let published = time::timeout(timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
