//! Reads the configuration, and then waits for an event. It may change meanwhile.
//~ fails with: at 740 ms relay was expected to log "order 2: published at broker-2", but logged "order 2: published at broker-1"
    tokio::spawn(async move {
        loop {
            let current = config.borrow().clone();
            let Some(event) = events.recv().await else { break };
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
