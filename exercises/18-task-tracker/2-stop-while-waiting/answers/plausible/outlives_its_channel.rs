//! `Some(event) = …` disables the branch when the channel has ended, and then only a stop ends the loop.
//~ fails with: at 500 ms relay was expected to log "stops", but never did
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(event) = events.recv() => broker.publish(event).await,
    }
}
