//! `take_while` must take an order out of the channel before it can decide. That order is lost.
//~ fails with: orders that were not begun must stay in the channel
let stopped = Cell::new(false);
let waiting = stream::poll_fn(|cx| orders.poll_recv(cx)).take_while(|_| std::future::ready(!stopped.get()));
let mut outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) => {
            report.failed.push(order);
            stopped.set(true);
        }
    }
}
