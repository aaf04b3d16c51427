//! A function that owns its configuration. Cloned inside the call, the borrow would exist until the await is over.
    async fn publish(event: Event, current: Config, journal: &Journal) {
        let broker = Broker::connect(&current.endpoint).await;
        let published = time::timeout(current.timeout, broker.publish(&event)).await;
        let outcome = if published.is_ok() { "published" } else { "timed out" };
        journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
    }
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let current = config.borrow().clone();
            publish(event, current, &journal).await;
        }
    })
