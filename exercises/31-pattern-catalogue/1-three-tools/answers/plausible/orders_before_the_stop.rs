//! Bounded and drained. But it polls the orders first, and takes those that wait although it was told to stop.
//~ fails with: before the stop, and the relay has taken
let mut in_flight = JoinSet::new();
loop {
    tokio::select! {
        biased;
        Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
        received = orders.recv(), if in_flight.len() < AT_ONCE => {
            let Some(order) = received else { break };
            let broker = broker.clone();
            in_flight.spawn(async move {
                broker.publish(order).await;
                order
            });
        }
        () = stop.cancelled() => break,
    }
}
while let Some(ended) = in_flight.join_next().await {
    confirmed.push(ended.expect("no publish panics"));
}
