//! Waits for a second in any case, and then takes what is there.
//~ fails with: batch was expected to log "closed with [7, 3, 9, 1]" at 130 ms
sleep(OPEN).await;
while batch.len() < FULL {
    let Ok(event) = events.try_recv() else { break };
    batch.push(event);
}
