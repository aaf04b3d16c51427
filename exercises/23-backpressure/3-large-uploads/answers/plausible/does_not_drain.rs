//! Returns while the last uploads are being stored.
//~ fails with: store_all was expected to log "returns" at 310 ms, but did so at 200 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let permits = memory.clone().acquire_many_owned(upload.megabytes.min(MEGABYTES)).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
