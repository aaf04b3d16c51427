//! Takes three, waits for all of them, and takes the next three.
//~ fails with: order 42 was expected to log "is sent" at 90 ms
while report.failed.is_empty() {
    let mut batch = Vec::new();
    while batch.len() < 3 {
        match orders.try_recv() {
            Ok(order) => batch.push(broker.write(order)),
            Err(_) => break,
        }
    }
    if batch.is_empty() {
        break;
    }
    let mut outcomes: stream::FuturesUnordered<_> = batch.into_iter().collect();
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(receipt) => report.written.push(receipt),
            Err(Unavailable { order }) => report.failed.push(order),
        }
    }
}
