//! No borrow exists at an await, but the timeout may belong to another configuration than the endpoint.
//~ fails with: at 130 ms relay logged "order 1: timed out at broker-1", which was not expected
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let endpoint = config.borrow().endpoint.clone();
            let broker = Broker::connect(&endpoint).await;
            let timeout = config.borrow().timeout;
            let published = time::timeout(timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
