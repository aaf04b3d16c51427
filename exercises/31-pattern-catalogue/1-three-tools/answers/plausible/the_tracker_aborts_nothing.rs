//! A `TaskTracker` waits for its tasks. When the relay is dropped, they run on.
//~ fails with: order 7 was expected to log "is dropped"
let (tracker, (report, mut reported)) = (tokio_util::task::TaskTracker::new(), mpsc::channel(AT_ONCE));
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(order) = reported.recv() => confirmed.push(order),
        received = orders.recv(), if tracker.len() < AT_ONCE => {
            let Some(order) = received else { break };
            let (broker, report) = (broker.clone(), report.clone());
            tracker.spawn(async move {
                broker.publish(order).await;
                report.send(order).await.ok();
            });
        }
    }
    tokio::task::yield_now().await; // a task that has reported ends
}
drop(report);
while let Some(order) = reported.recv().await {
    confirmed.push(order);
}
