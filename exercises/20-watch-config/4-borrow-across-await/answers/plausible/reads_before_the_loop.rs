//! Compiles, and never reads the configuration again.
//~ fails with: at 300 ms relay was expected to log "order 2: timed out at broker-2", but never did
    let current = config.borrow().clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
