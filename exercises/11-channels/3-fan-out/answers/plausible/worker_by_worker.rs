//! Appends the results of one worker to those of the other. That is not the order in which they were published.
//~ fails with: every order must be returned once, in the order in which they were published
let (mut queues, mut tasks) = (Vec::new(), Vec::new());
for number in 1..=workers {
    let (tx, mut rx) = mpsc::channel(3);
    queues.push(tx);
    let broker = broker.clone();
    tasks.push(tokio::spawn(async move {
        let mut published = Vec::new();
        while let Some(event) = rx.recv().await {
            published.push(publish(number, event, &broker).await);
        }
        published
    }));
}
for (event, queue) in events.into_iter().zip(queues.iter().cycle()) {
    queue.send(event).await.expect("a worker outlives its queue");
}
drop(queues);
let mut published = Vec::new();
for task in tasks {
    published.extend(task.await.expect("no worker panics"));
}
published
