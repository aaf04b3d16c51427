//! An error of an event that has a stop counts as stopped, even if the task panicked before.
//~ fails with: ==> order 1: expected Crashed, was Stopped
let (mut tasks, mut names) = (JoinSet::new(), HashMap::new());
for &event in events {
    let broker = broker.clone();
    let task = tasks.spawn(async move { broker.publish(event.name).await });
    names.insert(task.id(), event.name);
    stop_later(event, task);
}
let may_be_stopped =
    |name| events.iter().any(|event| event.name == name && event.stopped_after.is_some());
while let Some(ended) = tasks.join_next_with_id().await {
    let (id, outcome) = match ended {
        Ok((id, Ok(()))) => (id, Outcome::Published),
        Ok((id, Err(reason))) => (id, Outcome::Refused(reason)),
        Err(error) if may_be_stopped(names[&error.id()]) => (error.id(), Outcome::Stopped),
        Err(error) => (error.id(), Outcome::Crashed),
    };
    outcomes.insert(names[&id], outcome);
}
