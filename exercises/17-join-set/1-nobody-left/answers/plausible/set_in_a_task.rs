//! The set is in a task of its own, and that task continues when the relay is dropped.
//~ fails with: at 510 ms upload logged "is published", which was not expected
let relaying = tokio::spawn(async move {
    let mut tasks = JoinSet::new();
    for event in events {
        let broker = broker.clone();
        tasks.spawn(async move {
            broker.publish(event).await;
            event
        });
    }
    while let Some(ended) = tasks.join_next().await {
        let event = ended.expect("no publish panics");
        journal.log("relay", format_args!("marks {event}"));
    }
});
relaying.await.expect("the relay does not panic");
