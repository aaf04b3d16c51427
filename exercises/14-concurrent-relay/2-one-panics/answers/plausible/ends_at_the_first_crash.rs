//! Returns at the first panic. The other tasks go on, and nobody learns what became of their events.
//~ fails with: expected Refused("too large")      was nothing
let tasks: Vec<_> = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
let mut outcomes = Vec::new();
for task in tasks {
    match task.await {
        Ok(Ok(())) => outcomes.push(Outcome::Published),
        Ok(Err(reason)) => outcomes.push(Outcome::Refused(reason)),
        Err(_panicked) => {
            outcomes.push(Outcome::Crashed);
            break;
        }
    }
}
outcomes
