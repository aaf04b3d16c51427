//! Returns at once when it is told to stop. The set is dropped, and with it what is in flight.
//~ fails with: at 55 ms relay logged "returns []", which was not expected
let mut in_flight = JoinSet::new();
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => return confirmed,
        Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
        received = orders.recv(), if in_flight.len() < AT_ONCE => {
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
