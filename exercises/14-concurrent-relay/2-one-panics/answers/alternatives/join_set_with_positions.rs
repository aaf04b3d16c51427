//! Begins with `Crashed` for every event, and replaces it where a task has come to its end.
let mut outcomes = vec![Outcome::Crashed; events.len()];
let mut tasks = tokio::task::JoinSet::new();
for (position, event) in events.into_iter().enumerate() {
    let broker = broker.clone();
    tasks.spawn(async move { (position, broker.publish(event).await) });
}
while let Some(ended) = tasks.join_next().await {
    match ended {
        Ok((position, Ok(()))) => outcomes[position] = Outcome::Published,
        Ok((position, Err(reason))) => outcomes[position] = Outcome::Refused(reason),
        Err(_panicked) => {}
    }
}
outcomes
