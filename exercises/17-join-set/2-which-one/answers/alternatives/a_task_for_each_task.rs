//! A second task awaits each one, and returns the name with the outcome, however the first one ended.
let mut watchers = JoinSet::new();
for &event in events {
    let broker = broker.clone();
    let task = tokio::spawn(async move { broker.publish(event.name).await });
    stop_later(event, task.abort_handle());
    watchers.spawn(async move {
        let outcome = match task.await {
            Ok(result) => result.map_or_else(Outcome::Refused, |()| Outcome::Published),
            Err(error) if error.is_cancelled() => Outcome::Stopped,
            Err(_) => Outcome::Crashed,
        };
        (event.name, outcome)
    });
}
outcomes.extend(watchers.join_all().await);
