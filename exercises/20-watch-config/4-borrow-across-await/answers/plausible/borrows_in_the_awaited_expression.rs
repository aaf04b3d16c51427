//! A temporary value exists until the end of its statement, and the await is part of that statement.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let broker = Broker::connect(&config.borrow().endpoint).await;
            let published = time::timeout(config.borrow().timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
