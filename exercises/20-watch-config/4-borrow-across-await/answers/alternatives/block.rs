//! The borrow ends with the block.
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let (endpoint, timeout) = {
                let current = config.borrow();
                (current.endpoint.clone(), current.timeout)
            };
            let broker = Broker::connect(&endpoint).await;
            let published = time::timeout(timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
