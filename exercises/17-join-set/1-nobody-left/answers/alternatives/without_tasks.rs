//! Polls all futures in the relay's own task, so nothing can outlive it.
let mut publishing: Vec<_> = events
    .into_iter()
    .map(|event| {
        let (broker, journal) = (broker.clone(), journal.clone());
        Box::pin(async move {
            broker.publish(event).await;
            journal.log("relay", format_args!("marks {event}"));
        })
    })
    .collect();
std::future::poll_fn(|cx| {
    publishing.retain_mut(|one| one.as_mut().poll(cx).is_pending());
    if publishing.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
})
.await;
