//! Publishes an event again when its task has panicked. It may have been stored before the panic.
//~ fails with: the slowest takes 370 ms, and publish_all took
let publish = |event: &String| tokio::spawn(broker.clone().publish(event.clone()));
let tasks: Vec<_> = events.iter().map(publish).collect();
let mut outcomes = Vec::new();
for (task, event) in tasks.into_iter().zip(&events) {
    let ended = match task.await {
        Ok(published) => Ok(published),
        Err(_panicked) => publish(event).await,
    };
    outcomes.push(match ended {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(_panicked) => Outcome::Crashed,
    });
}
outcomes
