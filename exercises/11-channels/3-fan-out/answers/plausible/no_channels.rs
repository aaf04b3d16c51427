//! Gives each worker its share of the list beforehand. Nothing waits for a worker that is stuck.
//~ fails with: or dealing does not wait for the worker whose turn it is
let (done_tx, mut done_rx) = mpsc::channel(3);
for number in 1..=workers {
    let share: Vec<String> = events.iter().skip(number - 1).step_by(workers).cloned().collect();
    let (done_tx, broker) = (done_tx.clone(), broker.clone());
    tokio::spawn(async move {
        for event in share {
            let event = publish(number, event, &broker).await;
            done_tx.send(event).await.expect("the collector outlives the workers");
        }
    });
}
drop(done_tx);
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
