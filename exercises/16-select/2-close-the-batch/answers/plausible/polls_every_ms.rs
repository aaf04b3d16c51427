//! Looks every millisecond. That is in time, and wakes the thread a thousand times in a second.
//~ fails with: it keeps looking for events
let closes_at = Instant::now() + OPEN;
while batch.len() < FULL && Instant::now() < closes_at {
    match events.try_recv() {
        Ok(event) => batch.push(event),
        Err(mpsc::error::TryRecvError::Disconnected) => break,
        Err(mpsc::error::TryRecvError::Empty) => sleep(Duration::from_millis(1)).await,
    }
}
