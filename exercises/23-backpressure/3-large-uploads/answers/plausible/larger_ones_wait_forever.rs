//! Asks for more permits than there are, which are never granted.
//~ fails with: at 170 ms upload 8 was expected to log "begins, 25 MB", but never did
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let permits = memory.clone().acquire_many_owned(upload.megabytes).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
