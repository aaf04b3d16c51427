//! Takes several at once, and never more than the batch has room for.
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL {
    let room = FULL - batch.len();
    tokio::select! {
        () = sleep_until(closes_at) => break,
        received = events.recv_many(&mut batch, room) => {
            if received == 0 {
                break;
            }
        }
    }
}
