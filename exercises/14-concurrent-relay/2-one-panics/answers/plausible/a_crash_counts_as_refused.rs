//! Makes a refusal of the panic. The broker has refused nothing.
//~ fails with: expected Crashed                   was Refused("panicked")
let tasks: Vec<_> = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
let mut outcomes = Vec::new();
for task in tasks {
    outcomes.push(match task.await.unwrap_or(Err("panicked".to_owned())) {
        Ok(()) => Outcome::Published,
        Err(reason) => Outcome::Refused(reason),
    });
}
outcomes
