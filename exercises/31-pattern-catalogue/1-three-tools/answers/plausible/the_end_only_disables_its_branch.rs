//! `None` does not match, so the branch is disabled, and the loop waits for a stop that does not come.
//~ fails with: relay was expected to log "returns [5, 12, 20, 8, 31, 3]", but never did
let mut in_flight = JoinSet::new();
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
        Some(order) = orders.recv(), if in_flight.len() < AT_ONCE => {
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
