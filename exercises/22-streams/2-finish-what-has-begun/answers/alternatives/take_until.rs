//! `take_until` ends the stream of orders when a future is ready, here the receiver of a `oneshot`. It takes no order to find that out.
let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
let mut stop = Some(stop);
let waiting = stream::poll_fn(|cx| orders.poll_recv(cx)).take_until(stopped);
let mut outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) => {
            report.failed.push(order);
            drop(stop.take()); // which makes the receiver ready
        }
    }
}
