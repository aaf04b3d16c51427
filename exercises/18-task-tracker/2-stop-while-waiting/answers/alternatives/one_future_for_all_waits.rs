//! Keeps one future of the token for the whole loop. It is polled until it is ready, and then the relay returns.
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
