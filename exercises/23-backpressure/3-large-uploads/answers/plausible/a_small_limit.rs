//! A limit for the number of uploads, small enough for uploads of 5 MB.
//~ fails with: upload 2 was expected to log "begins, 1 MB" at 130 ms
let tasks = TaskTracker::new();
let memory = Arc::new(Semaphore::new(2));
while let Some(upload) = uploads.recv().await {
    let permit = memory.clone().acquire_owned().await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permit);
    });
}
tasks.close();
tasks.wait().await;
