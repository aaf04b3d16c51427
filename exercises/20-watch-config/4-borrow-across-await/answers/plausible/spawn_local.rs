//! `spawn_local` does not ask for `Send`. It needs a `LocalSet`, and with one the borrow would block the thread that sends.
//~ fails with: called from outside of a `task::LocalSet`
    tokio::task::spawn_local(async move {
        while let Some(event) = events.recv().await {
            let current = config.borrow();
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
