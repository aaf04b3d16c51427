//! Every outcome is right, and stands in the order in which the tasks ended.
//~ fails with: not every event has the outcome that it should have
let mut tasks: tokio::task::JoinSet<Result<(), String>> =
    events.into_iter().map(|event| broker.clone().publish(event)).collect();
let mut outcomes = Vec::new();
while let Some(ended) = tasks.join_next().await {
    outcomes.push(match ended {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(_panicked) => Outcome::Crashed,
    });
}
outcomes
