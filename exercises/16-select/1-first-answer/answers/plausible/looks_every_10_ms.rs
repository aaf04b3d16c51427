//! Looks every 10 ms whether a file has arrived, so it has the file late.
//~ fails with: customer was expected to log "has the file from Rome" at 57 ms, but did so at 60 ms
let mut downloads = tokio::task::JoinSet::new();
downloads.spawn(one.download());
downloads.spawn(other.download());
for _ in 0..30 {
    sleep(Duration::from_millis(10)).await;
    if let Some(file) = downloads.try_join_next() {
        return file.ok();
    }
}
None
