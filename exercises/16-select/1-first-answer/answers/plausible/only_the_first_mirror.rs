//! Waits for one mirror only.
//~ fails with: at 0 ms Rome was expected to log "is asked", but never did
tokio::select! {
    file = one.download() => Some(file),
    () = sleep(PATIENCE) => None,
}
