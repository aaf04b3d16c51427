//! A receiver for each event is `Send`, but what `borrow` returns is not.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let config = config.clone();
            let current = config.borrow();
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
