//! The permit is acquired inside the task, so every order is taken from the channel at once.
//~ fails with: shop was expected to log "has queued order 20" at 45 ms, but did so at 0 ms
let (permits, mut in_flight) = (std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE)), JoinSet::new());
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
        received = orders.recv() => {
            let Some(order) = received else { break };
            let (broker, permits) = (broker.clone(), std::sync::Arc::clone(&permits));
            in_flight.spawn(async move {
                let _permit = permits.acquire().await.expect("it is never closed");
                broker.publish(order).await;
                order
            });
        }
    }
}
while let Some(ended) = in_flight.join_next().await {
    confirmed.push(ended.expect("no publish panics"));
}
