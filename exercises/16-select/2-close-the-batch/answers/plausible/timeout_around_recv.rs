//! The same idle timer, as a timeout around each `recv`.
//~ fails with: at 1000 ms batch was expected to log "closed with [5, 2]", but never did
while batch.len() < FULL {
    match tokio::time::timeout(OPEN, events.recv()).await {
        Ok(Some(event)) => batch.push(event),
        _ => break,
    }
}
