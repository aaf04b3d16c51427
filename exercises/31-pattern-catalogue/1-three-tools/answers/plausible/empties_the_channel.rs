//! Closes the channel when it is told to stop, and still publishes what is in it.
//~ fails with: order 11 logged "is sent", which was not expected
let mut in_flight = JoinSet::new();
let mut is_stopped = false;
loop {
    tokio::select! {
        biased;
        () = stop.cancelled(), if !is_stopped => {
            is_stopped = true;
            orders.close();
        }
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
