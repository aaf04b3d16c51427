//! Each task marks its event in time. But the handles are in a `Vec`, and a dropped handle lets its task continue.
//~ fails with: at 510 ms upload logged "is published", which was not expected
let mut tasks = Vec::new();
for event in events {
    let (broker, journal) = (broker.clone(), journal.clone());
    tasks.push(tokio::spawn(async move {
        broker.publish(event).await;
        journal.log("relay", format_args!("marks {event}"));
    }));
}
for task in tasks {
    task.await.expect("no publish panics");
}
