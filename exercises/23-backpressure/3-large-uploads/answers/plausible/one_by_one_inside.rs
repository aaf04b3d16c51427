//! Each task collects its permits one by one. Two tasks may each hold some, and wait for those of the other.
//~ fails with: source was expected to log "sends upload 9" at 130 ms, but did so at 0 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let (memory, storage) = (memory.clone(), storage.clone());
    tasks.spawn(async move {
        let mut permits = Vec::new();
        for _ in 0..upload.megabytes.min(MEGABYTES) {
            permits.push(memory.acquire().await.expect("it is never closed"));
        }
        storage.store(upload).await;
    });
}
tasks.close();
tasks.wait().await;
