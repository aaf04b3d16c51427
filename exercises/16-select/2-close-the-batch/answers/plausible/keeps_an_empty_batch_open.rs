//! Does not close a batch without events.
//~ fails with: batch was expected to log "closed with []" at 1000 ms, but did so at 2310 ms
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    tokio::select! {
        () = sleep_until(closes_at), if !batch.is_empty() => break,
        received = events.recv() => match received {
            Some(event) => batch.push(event),
            None => break,
        },
    }
}
