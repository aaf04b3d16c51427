//! `join_all` returns when all tasks have ended, so nothing is marked before.
//~ fails with: relay was expected to log "marks notice" at 290 ms, but did so at 830 ms: 540 ms too late
let mut tasks = JoinSet::new();
for event in events {
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(event).await;
        event
    });
}
for event in tasks.join_all().await {
    journal.log("relay", format_args!("marks {event}"));
}
