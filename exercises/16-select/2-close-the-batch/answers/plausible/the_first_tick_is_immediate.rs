//! An interval of one second ticks for the first time at once.
//~ fails with: batch was expected to log "closed with []" at 1000 ms, but did so at 0 ms
let mut closes = tokio::time::interval(OPEN);
while batch.len() < FULL {
    tokio::select! {
        _ = closes.tick() => break,
        received = events.recv() => match received {
            Some(event) => batch.push(event),
            None => break,
        },
    }
}
