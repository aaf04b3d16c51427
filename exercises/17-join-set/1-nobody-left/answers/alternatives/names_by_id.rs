//! The set returns the id of the task that has ended, and a map knows its event.
let mut names = std::collections::HashMap::new();
let mut tasks: JoinSet<()> = JoinSet::new();
for event in events {
    let broker = broker.clone();
    let task = tasks.spawn(async move { broker.publish(event).await });
    names.insert(task.id(), event);
}
while let Some(ended) = tasks.join_next_with_id().await {
    let (id, ()) = ended.expect("no publish panics");
    journal.log("relay", format_args!("marks {}", names[&id]));
}
