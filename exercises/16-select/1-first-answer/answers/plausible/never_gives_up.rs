//! Takes the first file, and has no time limit.
//~ fails with: at 300 ms customer was expected to log "is told None", but never did
tokio::select! {
    file = one.download() => Some(file),
    file = other.download() => Some(file),
}
