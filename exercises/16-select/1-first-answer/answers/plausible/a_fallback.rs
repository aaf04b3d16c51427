//! Asks the second mirror when the first has taken too long.
//~ fails with: at 0 ms Rome was expected to log "is asked", but never did
match tokio::time::timeout(PATIENCE / 2, one.download()).await {
    Ok(file) => Some(file),
    Err(_elapsed) => tokio::time::timeout(PATIENCE / 2, other.download()).await.ok(),
}
