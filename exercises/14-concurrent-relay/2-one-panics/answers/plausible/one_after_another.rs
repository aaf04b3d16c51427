//! Awaits each task before it spawns the next one.
//~ fails with: the slowest takes 370 ms, and publish_all took 1240 ms
let mut outcomes = Vec::new();
for event in events {
    outcomes.push(match tokio::spawn(broker.clone().publish(event)).await {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(_panicked) => Outcome::Crashed,
    });
}
outcomes
