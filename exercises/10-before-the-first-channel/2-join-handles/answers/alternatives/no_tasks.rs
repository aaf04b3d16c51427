//! Polls all futures in the calling task, without spawning any.
let mut publishing: Vec<_> =
    outbox.into_iter().map(|event| (Box::pin(publish(event, broker.clone())), None)).collect();
std::future::poll_fn(|cx| {
    for (future, receipt) in &mut publishing {
        if receipt.is_none() {
            *receipt = match future.as_mut().poll(cx) {
                std::task::Poll::Ready(receipt) => Some(receipt),
                std::task::Poll::Pending => None,
            };
        }
    }
    match publishing.iter().all(|(_, receipt)| receipt.is_some()) {
        true => std::task::Poll::Ready(()),
        false => std::task::Poll::Pending,
    }
})
.await;
publishing.into_iter().filter_map(|(_, receipt)| receipt).collect()
