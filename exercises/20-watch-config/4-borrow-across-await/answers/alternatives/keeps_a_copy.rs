//! Clones only after a change. An error counts as one, because the last change may not have been seen.
    let mut current = config.borrow_and_update().clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if config.has_changed().unwrap_or(true) {
                current = config.borrow_and_update().clone();
            }
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
