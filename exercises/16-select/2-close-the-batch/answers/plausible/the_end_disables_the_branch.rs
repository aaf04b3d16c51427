//! Keeps the deadline. When the channel ends, `None` only disables the branch, as in the chapter.
//~ fails with: batch was expected to log "closed with [2, 1]" at 133 ms, but did so at 1000 ms
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    tokio::select! {
        () = sleep_until(closes_at) => break,
        Some(event) = events.recv() => batch.push(event),
    }
}
