//! Checks the flag inside of each future, when the order has left the channel already.
//~ fails with: the relay does not return
let stopped = Cell::new(false);
let waiting = stream::poll_fn(|cx| orders.poll_recv(cx));
let mut outcomes = waiting
    .map(async |order| if stopped.get() { None } else { Some(broker.write(order).await) })
    .buffer_unordered(3)
    .filter_map(std::future::ready);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) => {
            report.failed.push(order);
            stopped.set(true);
        }
    }
}
