//! Takes the others out of the channel and does not write them.
//~ fails with: the relay does not return
let stopped = Cell::new(false);
let waiting = stream::poll_fn(|cx| orders.poll_recv(cx)).filter(|_| std::future::ready(!stopped.get()));
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
