//! Does not store what is larger than the memory.
//~ fails with: source was expected to log "sends upload 6" at 170 ms, but did so at 0 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    if upload.megabytes > MEGABYTES {
        continue;
    }
    let permits = memory.clone().acquire_many_owned(upload.megabytes).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
