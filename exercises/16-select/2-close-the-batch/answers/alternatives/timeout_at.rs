//! A timeout with a deadline instead of a duration.
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    let Ok(Some(event)) = tokio::time::timeout_at(closes_at, events.recv()).await else { break };
    batch.push(event);
}
