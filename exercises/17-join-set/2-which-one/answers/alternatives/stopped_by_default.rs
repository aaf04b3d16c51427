//! Every event counts as stopped at first. A task that ends in another way replaces that.
let (mut tasks, mut names) = (JoinSet::new(), HashMap::new());
for &event in events {
    let broker = broker.clone();
    outcomes.insert(event.name, Outcome::Stopped);
    let task = tasks.spawn(async move { (event.name, broker.publish(event.name).await) });
    names.insert(task.id(), event.name);
    stop_later(event, task);
}
while let Some(ended) = tasks.join_next().await {
    match ended {
        Ok((name, Ok(()))) => outcomes.insert(name, Outcome::Published),
        Ok((name, Err(reason))) => outcomes.insert(name, Outcome::Refused(reason)),
        Err(error) if error.is_panic() => outcomes.insert(names[&error.id()], Outcome::Crashed),
        Err(_) => None,
    };
}
