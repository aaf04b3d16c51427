//! Stops at the first panic, and drops the set with everything that is in progress.
//~ fails with: ==> order 1: expected Published, was nothing
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
        Err(error) if error.is_cancelled() => (error.id(), Outcome::Stopped),
        Err(error) => {
            outcomes.insert(names[&error.id()], Outcome::Crashed);
            return outcomes;
        }
    };
    outcomes.insert(names[&id], outcome);
}
