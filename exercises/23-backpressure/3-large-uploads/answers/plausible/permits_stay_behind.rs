//! The task does not own the permits.
//~ fails with: at 0 ms uploads [4, 1, 7] are being stored, 13 MB together: at most 10 MB are allowed, or a single upload
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let _permits = memory.acquire_many(upload.megabytes.min(MEGABYTES)).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move { storage.store(upload).await });
}
tasks.close();
tasks.wait().await;
