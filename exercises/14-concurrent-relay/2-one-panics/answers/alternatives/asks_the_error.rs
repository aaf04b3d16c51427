//! Asks the error what it is. These tasks are never aborted, so every error is a panic.
let tasks: Vec<_> = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
let mut outcomes = Vec::new();
for task in tasks {
    let outcome = match task.await {
        Ok(published) => published.map_or_else(Outcome::Refused, |()| Outcome::Published),
        Err(error) if error.is_panic() => Outcome::Crashed,
        Err(error) => unreachable!("{error}"),
    };
    outcomes.push(outcome);
}
outcomes
