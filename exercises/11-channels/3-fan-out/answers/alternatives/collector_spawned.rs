//! Collects in a task of its own and deals here.
let (done_tx, mut done_rx) = mpsc::channel(1);
let collector = tokio::spawn(async move {
    let mut published = Vec::new();
    while let Some(event) = done_rx.recv().await {
        published.push(event);
    }
    published
});
let mut queues = Vec::new();
for number in 1..=workers {
    let (tx, mut rx) = mpsc::channel(1);
    queues.push(tx);
    let (done_tx, broker) = (done_tx.clone(), broker.clone());
    tokio::spawn(async move {
        while let Some(event) = rx.recv().await {
            done_tx.send(publish(number, event, &broker).await).await.expect("the collector lives");
        }
    });
}
drop(done_tx);
for (event, queue) in events.into_iter().zip(queues.iter().cycle()) {
    queue.send(event).await.expect("a worker outlives its queue");
}
drop(queues);
collector.await.expect("the collector does not panic")
