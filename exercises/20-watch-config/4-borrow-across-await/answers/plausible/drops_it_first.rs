//! The borrow is dropped before the first await. The compiler goes by the block in which `current` was declared.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let current = config.borrow();
            let (endpoint, timeout) = (current.endpoint.clone(), current.timeout);
            drop(current);
            let broker = Broker::connect(&endpoint).await;
            let published = time::timeout(timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
