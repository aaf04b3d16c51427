//! Passes over the tasks that panicked, so the outcomes no longer stand beside their events.
//~ fails with: not every event has the outcome that it should have
let tasks: Vec<_> = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
let mut outcomes = Vec::new();
for task in tasks {
    if let Ok(published) = task.await {
        outcomes.push(match published {
            Ok(()) => Outcome::Published,
            Err(reason) => Outcome::Refused(reason),
        });
    }
}
outcomes
