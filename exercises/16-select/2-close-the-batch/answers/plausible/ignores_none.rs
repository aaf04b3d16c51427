//! Goes on when `recv` has returned `None`, which it then does in each iteration.
//~ fails with: Does the loop go on after `recv` has returned `None`?
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    tokio::select! {
        () = sleep_until(closes_at) => break,
        received = events.recv() => {
            if let Some(event) = received {
                batch.push(event);
            }
        }
    }
}
