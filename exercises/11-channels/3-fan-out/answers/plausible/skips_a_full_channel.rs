//! Deals to the next worker whose channel has a free slot, so that dealing never waits for the worker whose turn it is.
//~ fails with: or dealing does not wait for the worker whose turn it is
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
tokio::spawn(async move {
    let mut turn = 0;
    for event in events {
        while queues[turn % queues.len()].try_send(event.clone()).is_err() {
            turn += 1;
            sleep(Duration::from_millis(1)).await;
        }
        turn += 1;
    }
});
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
