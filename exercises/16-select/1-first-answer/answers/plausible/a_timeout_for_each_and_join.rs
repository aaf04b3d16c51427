//! Each download has its timeout, and `join!` waits for the slower of the two all the same.
//~ fails with: customer was expected to log "has the file from Oslo" at 130 ms, but did so at 250 ms
use tokio::time::timeout;

let (one, other) = tokio::join!(timeout(PATIENCE, one.download()), timeout(PATIENCE, other.download()));
one.or(other).ok()
