//! The permit is forgotten, and given back by hand. (A publish that panics would keep it for ever.)
loop {
    permits.acquire().await.expect("it is never closed").forget();
    let Some(row) = outbox.next() else { break };
    let (permits, broker) = (permits.clone(), broker.clone());
    tasks.spawn(async move {
        broker.publish(row).await;
        permits.add_permits(1);
    });
}
