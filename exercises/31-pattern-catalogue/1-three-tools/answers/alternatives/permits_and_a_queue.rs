//! The permit comes before the order, and the results come through a queue. The set is there to abort the tasks.
let permits = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
let ((report, mut reported), mut tasks) = (mpsc::channel(AT_ONCE), JoinSet::new());
loop {
    let next = async {
        let permit = std::sync::Arc::clone(&permits).acquire_owned().await.expect("it is never closed");
        Some((permit, orders.recv().await?))
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(order) = reported.recv() => confirmed.push(order),
        taken = next => {
            let Some((permit, order)) = taken else { break };
            let (broker, report) = (broker.clone(), report.clone());
            tasks.spawn(async move {
                broker.publish(order).await;
                report.send(order).await.expect("the relay is there");
                drop(permit);
            });
        }
    }
}
drop(report);
while let Some(order) = reported.recv().await {
    confirmed.push(order);
}
