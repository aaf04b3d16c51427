//! Handles each outcome and goes on, as the relay of the chapter does. It begins writes that will fail too.
//~ fails with: at 140 ms order 8 logged "is sent", which was not expected
let waiting = stream::poll_fn(|cx| orders.poll_recv(cx));
let mut outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => report.written.push(receipt),
        Err(Unavailable { order }) => {
            report.failed.push(order);
            // and goes on
        }
    }
}
