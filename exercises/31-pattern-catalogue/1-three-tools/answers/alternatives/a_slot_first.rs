//! Waits for a slot, and then for an order. A stop during the first wait is noticed after it, when nothing has been taken.
let mut in_flight = JoinSet::new();
loop {
    if in_flight.len() == AT_ONCE {
        let ended = in_flight.join_next().await.expect("three are in flight");
        confirmed.push(ended.expect("no publish panics"));
    }
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
        received = orders.recv() => {
            let Some(order) = received else { break };
            let broker = broker.clone();
            in_flight.spawn(async move {
                broker.publish(order).await;
                order
            });
        }
    }
}
while let Some(ended) = in_flight.join_next().await {
    confirmed.push(ended.expect("no publish panics"));
}
