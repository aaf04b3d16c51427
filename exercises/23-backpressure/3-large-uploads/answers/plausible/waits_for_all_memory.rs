//! Each upload is stored alone.
//~ fails with: source was expected to log "sends upload 2" at 0 ms, but did so at 130 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let permits = memory.clone().acquire_many_owned(MEGABYTES).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
