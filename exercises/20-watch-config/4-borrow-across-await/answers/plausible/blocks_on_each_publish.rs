//! `block_on` compiles, because nothing is awaited. It must not be called in a task.
//~ fails with: Cannot start a runtime from within a runtime
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let current = config.borrow();
            tokio::runtime::Handle::current().block_on(async {
                let broker = Broker::connect(&current.endpoint).await;
                let published = time::timeout(current.timeout, broker.publish(&event)).await;
                let outcome = if published.is_ok() { "published" } else { "timed out" };
                journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
            });
        }
    })
