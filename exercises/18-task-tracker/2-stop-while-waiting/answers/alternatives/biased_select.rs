//! `select!` waits for both, and polls the token first.
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        event = events.recv() => match event {
            Some(event) => broker.publish(event).await,
            None => break,
        },
    }
}
