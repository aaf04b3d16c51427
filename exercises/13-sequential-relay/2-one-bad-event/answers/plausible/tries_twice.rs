//! Publishes an event again that the broker has rejected.
//~ fails with: at 500 ms broker was expected to log "is given event 31", but logged "is given event 7"

    for id in events {
        let mut outcome = broker.publish(id).await;
        if outcome.is_err() {
            outcome = broker.publish(id).await;
        }
        match outcome {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
