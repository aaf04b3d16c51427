//! Marks what it has only begun to publish.
//~ fails with: relay was expected to log "marks upload" at 510 ms, but did so at 0 ms: 510 ms too early
let mut tasks = JoinSet::new();
for event in events {
    let broker = broker.clone();
    tasks.spawn(async move { broker.publish(event).await });
    journal.log("relay", format_args!("marks {event}"));
}
while tasks.join_next().await.is_some() {}
