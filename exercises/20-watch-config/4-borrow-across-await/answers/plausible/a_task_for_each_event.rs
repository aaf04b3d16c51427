//! Publishes all events at the same time.
//~ fails with: at 170 ms relay logged "order 2: published at broker-1", which was not expected
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let (current, journal) = (config.borrow().clone(), journal.clone());
            tokio::spawn(async move {
                let broker = Broker::connect(&current.endpoint).await;
                let published = time::timeout(current.timeout, broker.publish(&event)).await;
                let outcome = if published.is_ok() { "published" } else { "timed out" };
                journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
            });
        }
    })
