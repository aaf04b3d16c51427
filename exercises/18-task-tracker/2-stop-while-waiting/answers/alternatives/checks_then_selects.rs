//! The check decides when both are ready at the start of an iteration, so the order of the branches does not matter.
while !stop.is_cancelled() {
    tokio::select! {
        event = events.recv() => match event {
            Some(event) => broker.publish(event).await,
            None => break,
        },
        () = stop.cancelled() => {}
    }
}
