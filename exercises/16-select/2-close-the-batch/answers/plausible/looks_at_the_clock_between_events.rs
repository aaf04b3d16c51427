//! Looks at the clock before each event. While it waits for one, the second ends unseen.
//~ fails with: at 1000 ms batch was expected to log "closed with [5, 2]", but never did
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL && Instant::now() < closes_at {
    let Some(event) = events.recv().await else { break };
    batch.push(event);
}
