//! `&*` makes references to the fields, and extends the life of the borrow with them.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let Config { endpoint, timeout } = &*config.borrow();
            let broker = Broker::connect(endpoint).await;
            let published = time::timeout(*timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
