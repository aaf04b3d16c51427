//! Without `biased;`, `select!` polls a random branch first. With an event in the queue both are ready, and it may take the event.
//~ fails with: relay was expected to log "stops", but logged "sends order 3"
loop {
    tokio::select! {
        event = events.recv() => match event {
            Some(event) => broker.publish(event).await,
            None => break,
        },
        () = stop.cancelled() => break,
    }
}
