//! What remains after a division by 10 is not the size: 25 MB take 5 permits, and 10 MB none.
//~ fails with: at 0 ms uploads [5, 8] are being stored, 27 MB together: at most 10 MB are allowed, or a single upload
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let permits = memory.clone().acquire_many_owned(upload.megabytes % MEGABYTES).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
