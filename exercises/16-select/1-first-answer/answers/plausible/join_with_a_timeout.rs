//! Gives up after 300 ms, but a file that has arrived is lost when the other one is slow.
//~ fails with: customer was expected to log "has the file from Rome", but never did
let both = async { tokio::join!(one.download(), other.download()) };
tokio::time::timeout(PATIENCE, both).await.ok().map(|(file, _slower)| file)
