//! Panics at the end of the channel.
//~ fails with: called `Option::unwrap()` on a `None` value
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    tokio::select! {
        () = sleep_until(closes_at) => break,
        received = events.recv() => batch.push(received.unwrap()),
    }
}
