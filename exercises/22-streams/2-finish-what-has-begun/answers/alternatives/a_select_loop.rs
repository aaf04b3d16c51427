//! A `select!` takes orders and outcomes, and stops taking orders after a failure.
let mut in_flight = stream::FuturesUnordered::new();
let mut open = true;
loop {
    // Both are cancel safe: an order is taken in the poll that returns it, and the writes are in `in_flight`.
    tokio::select! {
        biased;
        Some(outcome) = in_flight.next() => match outcome {
            Ok(receipt) => report.written.push(receipt),
            Err(Unavailable { order }) => {
                report.failed.push(order);
                open = false;
            }
        },
        order = orders.recv(), if open && in_flight.len() < 3 => match order {
            Some(order) => in_flight.push(broker.write(order)),
            None => open = false,
        },
        else => break,
    }
}
