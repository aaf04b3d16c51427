//! An interval whose first tick comes after a second.
let mut closes = tokio::time::interval_at(Instant::now() + OPEN, OPEN);
while batch.len() < FULL {
    tokio::select! {
        _ = closes.tick() => break,
        received = events.recv() => match received {
            Some(event) => batch.push(event),
            None => break,
        },
    }
}
