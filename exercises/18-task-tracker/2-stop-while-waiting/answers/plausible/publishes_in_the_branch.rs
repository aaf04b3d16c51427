//! Publishes in the future of a branch, so that a stop drops the publish. In the handler of the branch it would be finished.
//~ fails with: relay was expected to log "stops" at 465 ms, but did so at 250 ms: 215 ms too early
loop {
    let publish_next = async {
        let event = events.recv().await?;
        broker.publish(event).await;
        Some(())
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        published = publish_next => if published.is_none() { break },
    }
}
