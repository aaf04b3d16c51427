//! Reports the first failure only.
//~ fails with: every order that was begun must be in the report
let stopped = Cell::new(false);
let waiting = stream::poll_fn(|cx| if stopped.get() { Poll::Ready(None) } else { orders.poll_recv(cx) });
let mut outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) if !stopped.replace(true) => report.failed.push(order),
        Err(_) => {}
    }
}
