//! Checks the set every millisecond.
//~ fails with: the relay was woken within 300 ms
let mut tasks = JoinSet::new();
for event in events {
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(event).await;
        event
    });
}
while !tasks.is_empty() {
    while let Some(ended) = tasks.try_join_next() {
        let event = ended.expect("no publish panics");
        journal.log("relay", format_args!("marks {event}"));
    }
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}
