//! `has_changed` returns an error when no sender is left, also if the last change has not been seen.
//~ fails with: at 1240 ms relay was expected to log "order 3: published at broker-3"
    let mut current = config.borrow_and_update().clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if config.has_changed().unwrap_or(false) {
                current = config.borrow_and_update().clone();
            }
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
