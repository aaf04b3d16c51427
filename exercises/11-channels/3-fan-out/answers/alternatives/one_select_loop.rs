//! One loop that deals when the next worker has a free slot, and collects when there is a result.
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
let (mut dealt, mut published) = (0, Vec::new());
loop {
    tokio::select! {
        permit = async { queues[dealt % workers].reserve().await }, if dealt < events.len() => {
            permit.expect("a worker outlives its queue").send(events[dealt].clone());
            dealt += 1;
        }
        Some(event) = done_rx.recv() => {
            published.push(event);
            if published.len() == events.len() {
                return published;
            }
        }
        else => return published,
    }
}
