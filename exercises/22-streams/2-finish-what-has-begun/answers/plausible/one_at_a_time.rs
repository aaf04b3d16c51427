//! With one write at a time, no other is in flight. It is slow.
//~ fails with: order 7 was expected to log "is sent" at 0 ms, but did so at 370 ms
while let Some(order) = orders.recv().await {
    match broker.write(order).await {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) => {
            report.failed.push(order);
            break;
        }
    }
}
