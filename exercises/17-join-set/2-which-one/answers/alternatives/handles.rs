//! Nothing is reported before the last task has ended, so the handles may be awaited in the order of the events.
let mut tasks = Vec::new();
for &event in events {
    let broker = broker.clone();
    let task = tokio::spawn(async move { broker.publish(event.name).await });
    stop_later(event, task.abort_handle());
    tasks.push((event.name, task));
}
for (name, task) in tasks {
    let outcome = match task.await {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(error) if error.is_panic() => Outcome::Crashed,
        Err(_) => Outcome::Stopped,
    };
    outcomes.insert(name, outcome);
}
