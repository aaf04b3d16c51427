//! The race is right, but it is in a task, and a timeout drops only the handle.
//~ fails with: at 70 ms Oslo was expected to log "is dropped", but Rome logged it, at 130 ms
let racing = tokio::spawn(async {
    tokio::select! {
        file = one.download() => file,
        file = other.download() => file,
    }
});
tokio::time::timeout(PATIENCE, racing).await.ok()?.ok()
