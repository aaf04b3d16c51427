//! Looks at the token every millisecond while it waits.
//~ fails with: the relay was woken within 300 ms
while !stop.is_cancelled() {
    match tokio::time::timeout(std::time::Duration::from_millis(1), events.recv()).await {
        Ok(Some(event)) => broker.publish(event).await,
        Ok(None) => break,
        Err(_) => {}
    }
}
