//! The second begins with the first event, not with the call.
//~ fails with: at 1000 ms batch was expected to log "closed with [5, 2]"
let Some(event) = events.recv().await else { return batch };
batch.push(event);
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    match tokio::time::timeout_at(closes_at, events.recv()).await {
        Ok(Some(event)) => batch.push(event),
        _ => break,
    }
}
