//! `buffered` returns the outcomes in the order of the orders, so it learns of the failure late.
//~ fails with: order 42 was expected to log "is sent" at 90 ms
let stopped = Cell::new(false);
let waiting = stream::poll_fn(|cx| if stopped.get() { Poll::Ready(None) } else { orders.poll_recv(cx) });
let mut outcomes = waiting.map(|order| broker.write(order)).buffered(3);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) => {
            report.failed.push(order);
            stopped.set(true);
        }
    }
}
