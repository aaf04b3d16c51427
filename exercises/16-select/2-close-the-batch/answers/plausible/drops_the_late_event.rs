//! Receives an event, sees that it is too late, and drops it.
//~ fails with: batch was expected to log "closed with [5, 2]" at 1000 ms, but did so at 1110 ms
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    match events.recv().await {
        Some(event) if Instant::now() < closes_at => batch.push(event),
        _ => break,
    }
}
