//! `unwrap_or(Ok(()))` reports a panic as a success.
//~ fails with: expected Crashed                   was Published
let tasks: Vec<_> = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
let mut outcomes = Vec::new();
for task in tasks {
    outcomes.push(match task.await.unwrap_or(Ok(())) {
        Ok(()) => Outcome::Published,
        Err(reason) => Outcome::Refused(reason),
    });
}
outcomes
