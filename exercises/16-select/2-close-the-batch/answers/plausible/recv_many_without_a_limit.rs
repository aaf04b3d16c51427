//! Takes up to four events each time, whatever the batch already holds.
//~ fails with: batch was expected to log "closed with [4, 9, 1, 7]", but logged "closed with [4, 9, 1, 7, 3]"
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    tokio::select! {
        () = sleep_until(closes_at) => break,
        received = events.recv_many(&mut batch, FULL) => if received == 0 { break },
    }
}
