//! Polls the queue first, so it stops only when the queue is empty.
//~ fails with: relay was expected to log "stops", but logged "sends order 3"
loop {
    tokio::select! {
        biased;
        event = events.recv() => match event {
            Some(event) => broker.publish(event).await,
            None => break,
        },
        () = stop.cancelled() => break,
    }
}
