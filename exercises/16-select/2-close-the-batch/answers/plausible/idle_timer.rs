//! Sees the end of the channel, but starts a new second after each event, like the idle timer in the chapter.
//~ fails with: at 1000 ms batch was expected to log "closed with [5, 2]", but never did
while batch.len() < FULL {
    tokio::select! {
        () = sleep(OPEN) => break,
        received = events.recv() => match received {
            Some(event) => batch.push(event),
            None => break,
        },
    }
}
