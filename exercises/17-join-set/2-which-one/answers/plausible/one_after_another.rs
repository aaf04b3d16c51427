//! With one task at a time there is no doubt about the event, but the next one waits for it.
//~ fails with: publish_all took 1410 ms, and the slowest event 610 ms: all must be published at once
for &event in events {
    let broker = broker.clone();
    let task = tokio::spawn(async move { broker.publish(event.name).await });
    stop_later(event, task.abort_handle());
    let outcome = match task.await {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(error) if error.is_panic() => Outcome::Crashed,
        Err(_) => Outcome::Stopped,
    };
    outcomes.insert(event.name, outcome);
}
