//! Finds the event, but takes every `JoinError` for a panic.
//~ fails with: ==> order 2: expected Stopped, was Crashed
let (mut tasks, mut names) = (JoinSet::new(), HashMap::new());
for &event in events {
    let broker = broker.clone();
    let task = tasks.spawn(async move { broker.publish(event.name).await });
    names.insert(task.id(), event.name);
    stop_later(event, task);
}
while let Some(ended) = tasks.join_next_with_id().await {
    let (id, outcome) = match ended {
        Ok((id, Ok(()))) => (id, Outcome::Published),
        Ok((id, Err(reason))) => (id, Outcome::Refused(reason)),
        Err(error) => (error.id(), Outcome::Crashed),
    };
    outcomes.insert(names[&id], outcome);
}
