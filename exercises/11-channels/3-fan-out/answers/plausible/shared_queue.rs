//! All workers pull from one channel, so an event goes to the worker that is free and not to the one whose turn it is.
//~ fails with: at 1150 ms worker 3 logged "published order 4", which was expected of worker 1
let (done_tx, mut done_rx) = mpsc::channel(3);
let (tx, rx) = mpsc::channel(3);
let rx = Arc::new(tokio::sync::Mutex::new(rx));
for number in 1..=workers {
    let (rx, done_tx, broker) = (rx.clone(), done_tx.clone(), broker.clone());
    tokio::spawn(async move {
        loop {
            let next = rx.lock().await.recv().await;
            let Some(event) = next else { break };
            let event = publish(number, event, &broker).await;
            done_tx.send(event).await.expect("the collector outlives the workers");
        }
    });
}
drop(done_tx);
tokio::spawn(async move {
    for event in events {
        tx.send(event).await.expect("a worker outlives the queue");
    }
});
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
