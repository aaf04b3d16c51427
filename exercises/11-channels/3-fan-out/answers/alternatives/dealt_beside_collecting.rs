//! Deals and collects in the calling task, both at the same time.
let (done_tx, mut done_rx) = mpsc::channel(3);
let mut queues = Vec::new();
for number in 1..=workers {
    let (tx, mut rx) = mpsc::channel(2);
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
let dealing = async move {
    for (index, event) in events.into_iter().enumerate() {
        queues[index % workers].send(event).await.expect("a worker outlives its queue");
    }
};
let collecting = async {
    let mut published = Vec::new();
    while let Some(event) = done_rx.recv().await {
        published.push(event);
    }
    published
};
tokio::join!(dealing, collecting).1
