//! A closed channel may still hold events.
//~ fails with: six events were in the channel when it ended, and none must be lost: expected [5, 3, 6, 1], and got []
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL && !events.is_closed() {
    tokio::select! {
        () = sleep_until(closes_at) => break,
        Some(event) = events.recv() => batch.push(event),
    }
}
