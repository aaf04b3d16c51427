//! Avoids the deadlock with channels without a limit. A worker that is stuck then fills the memory.
//~ fails with: or dealing does not wait for the worker whose turn it is
let (done_tx, mut done_rx) = mpsc::unbounded_channel();
let mut queues = Vec::new();
for number in 1..=workers {
    let (tx, mut rx) = mpsc::unbounded_channel();
    queues.push(tx);
    let (done_tx, broker) = (done_tx.clone(), broker.clone());
    tokio::spawn(async move {
        while let Some(event) = rx.recv().await {
            let event = publish(number, event, &broker).await;
            done_tx.send(event).expect("the collector outlives the workers");
        }
    });
}
drop(done_tx);
for (event, queue) in events.into_iter().zip(queues.iter().cycle()) {
    queue.send(event).expect("a worker outlives its queue");
}
drop(queues);
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
