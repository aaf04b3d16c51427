//! Tries again every 100 ms, so that a free slot stays empty meanwhile.
//~ fails with: producer was expected to log "sent order 2" at 371 ms, but did so at 400 ms
while let Some(event) = events.front() {
    match tx.try_send(event.clone()) {
        Ok(()) => journal.log("producer", format_args!("sent {}", events.pop_front().unwrap())),
        Err(mpsc::error::TrySendError::Closed(_)) => return events,
        Err(mpsc::error::TrySendError::Full(_)) => {
            sleep(PATIENCE).await;
            journal.log("producer", "waits for a free slot");
        }
    }
}
events
