//! Tries again every millisecond. A producer that waits for a slot gets it first.
//~ fails with: producer was expected to log "sent order 2" at 371 ms, but did so at 502 ms
let mut waited = 0;
while let Some(event) = events.front() {
    match tx.try_send(event.clone()) {
        Ok(()) => {
            journal.log("producer", format_args!("sent {}", events.pop_front().unwrap()));
            waited = 0;
        }
        Err(mpsc::error::TrySendError::Closed(_)) => return events,
        Err(mpsc::error::TrySendError::Full(_)) => {
            sleep(Duration::from_millis(1)).await;
            waited += 1;
            if waited % 100 == 0 {
                journal.log("producer", "waits for a free slot");
            }
        }
    }
}
events
