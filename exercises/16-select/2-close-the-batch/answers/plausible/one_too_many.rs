//! Notices that the batch is full when the next event is there.
//~ fails with: batch was expected to log "closed with [7, 3, 9, 1]"
let closes_at = Instant::now() + OPEN;
while batch.len() <= FULL {
    tokio::select! {
        () = sleep_until(closes_at) => break,
        received = events.recv() => match received {
            Some(event) => batch.push(event),
            None => break,
        },
    }
}
