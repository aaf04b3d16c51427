//! Notices the stop in time, but only when it has taken one more event, which is lost.
//~ fails with: the relay took an event
loop {
    tokio::select! {
        event = events.recv() => {
            let Some(event) = event else { break };
            if stop.is_cancelled() {
                break;
            }
            broker.publish(event).await;
        }
        () = stop.cancelled() => break,
    }
}
