//! `try_send` does not wait for a slot: what does not fit is dropped.
//~ fails with: 9 of 40 orders were returned: the others are lost
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
    let _ = queue.try_send(event);
}
drop(queues);
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
