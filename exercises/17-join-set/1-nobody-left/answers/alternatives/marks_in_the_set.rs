//! Each task marks its event, and the set owns the tasks.
let mut tasks = JoinSet::new();
for event in events {
    let (broker, journal) = (broker.clone(), journal.clone());
    tasks.spawn(async move {
        broker.publish(event).await;
        journal.log("relay", format_args!("marks {event}"));
    });
}
tasks.join_all().await;
