//! What is in an `Arc` must be `Send` and `Sync` for the `Arc` to be `Send`.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let current = std::sync::Arc::new(config.borrow());
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
