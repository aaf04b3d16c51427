//! Keeps one future of the token for the whole loop. It has not been ready as long as the loop runs.
let stopped = stop.cancelled();
tokio::pin!(stopped);
loop {
    let event = tokio::select! {
        biased;
        () = &mut stopped => return,
        event = events.recv() => event,
    };
    let Some(event) = event else { return };
    broker.publish(event).await;
}
