//! Three at a time, and the next three when all of them are confirmed.
//~ fails with: order 8 was expected to log "is sent" at 45 ms
let mut is_over = false;
while !is_over {
    let mut in_flight = JoinSet::new();
    while in_flight.len() < AT_ONCE && !is_over {
        tokio::select! {
            biased;
            () = stop.cancelled() => is_over = true,
            Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
            received = orders.recv() => match received {
                None => is_over = true,
                Some(order) => {
                    let broker = broker.clone();
                    in_flight.spawn(async move {
                        broker.publish(order).await;
                        order
                    });
                }
            },
        }
    }
    while let Some(ended) = in_flight.join_next().await {
        confirmed.push(ended.expect("no publish panics"));
    }
}
