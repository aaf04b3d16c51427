//! The wrong version of the chapter: every upload is received, and waits in its task.
//~ fails with: source was expected to log "sends upload 9" at 130 ms, but did so at 0 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let (memory, storage) = (memory.clone(), storage.clone());
    tasks.spawn(async move {
        let needs = upload.megabytes.min(MEGABYTES);
        let _permits = memory.acquire_many(needs).await.expect("it is never closed");
        storage.store(upload).await;
    });
}
tasks.close();
tasks.wait().await;
