//! Keeps a copy while it waits. `biased`: a change comes before the event that it applies to.
    tokio::spawn(async move {
        let mut current = config.borrow_and_update().clone();
        loop {
            let event = tokio::select! {
                biased;
                Ok(()) = config.changed() => {
                    current = config.borrow_and_update().clone();
                    continue;
                }
                event = events.recv() => event,
            };
            let Some(event) = event else { break };
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
