//! Deals all events before it collects the first result. With many events, the two wait for each other.
//~ fails with: actual:   0 orders returned after 3600 s
let (done_tx, mut done_rx) = mpsc::channel(3);
let mut queues = Vec::new();
for number in 1..=workers {
    let (tx, mut rx) = mpsc::channel(3);
    queues.push(tx);
    let (done_tx, broker) = (done_tx.clone(), broker.clone());
    tokio::spawn(async move {
        while let Some(event) = rx.recv().await {
            let event = publish(number, event, &broker).await;
            done_tx.send(event).await.expect("the collector outlives the workers");
        }
    });
}
drop(done_tx);
for (event, queue) in events.into_iter().zip(queues.iter().cycle()) {
    queue.send(event).await.expect("a worker outlives its queue");
}
drop(queues);
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
