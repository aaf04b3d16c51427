//! The workers push what they have published to one list, and are joined.
let published = Arc::new(std::sync::Mutex::new(Vec::new()));
let (mut queues, mut tasks) = (Vec::new(), tokio::task::JoinSet::new());
for number in 1..=workers {
    let (tx, mut rx) = mpsc::channel(3);
    queues.push(tx);
    let (published, broker) = (published.clone(), broker.clone());
    tasks.spawn(async move {
        while let Some(event) = rx.recv().await {
            let event = publish(number, event, &broker).await;
            published.lock().unwrap().push(event);
        }
    });
}
for (event, queue) in events.into_iter().zip(queues.iter().cycle()) {
    queue.send(event).await.expect("a worker outlives its queue");
}
drop(queues);
tasks.join_all().await;
std::mem::take(&mut *published.lock().unwrap())
