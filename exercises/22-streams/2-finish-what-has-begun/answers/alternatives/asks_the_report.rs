//! The closure looks into the report: a failure is in it. Both borrow it through a `RefCell`.
let shared = std::cell::RefCell::new(report);
let waiting = stream::poll_fn(|cx| {
    if shared.borrow().failed.is_empty() { orders.poll_recv(cx) } else { Poll::Ready(None) }
});
let mut outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
while let Some(outcome) = outcomes.next().await {
    match outcome {
        Ok(receipt) => shared.borrow_mut().written.push(receipt),
        Err(Unavailable { order }) => shared.borrow_mut().failed.push(order),
    }
}
drop(outcomes);
report = shared.into_inner();
