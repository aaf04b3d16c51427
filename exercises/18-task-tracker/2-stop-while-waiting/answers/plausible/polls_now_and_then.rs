//! Looks at the token and at the queue every 100 ms.
//~ fails with: relay was expected to log "sends order 2" at 95 ms, but did so at 100 ms: 5 ms too late
while !stop.is_cancelled() {
    match events.try_recv() {
        Ok(event) => broker.publish(event).await,
        Err(mpsc::error::TryRecvError::Empty) => {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Err(mpsc::error::TryRecvError::Disconnected) => break,
    }
}
