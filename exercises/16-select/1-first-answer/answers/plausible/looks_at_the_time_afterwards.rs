//! Looks at the clock only when a file has arrived, which may be much too late.
//~ fails with: customer was expected to log "is told None" at 300 ms, but did so at 370 ms
let started = tokio::time::Instant::now();
let file = tokio::select! {
    file = one.download() => file,
    file = other.download() => file,
};
(started.elapsed() <= PATIENCE).then_some(file)
