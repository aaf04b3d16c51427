//! A flag ends the loop, instead of `break`.
let closes_at = Instant::now() + OPEN;
let mut open = true;
while open && batch.len() < FULL {
    open = tokio::select! {
        () = sleep_until(closes_at) => false,
        received = events.recv() => {
            batch.extend(received);
            received.is_some()
        }
    };
}
