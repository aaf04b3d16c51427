//! Checks every millisecond whether there is memory.
//~ fails with: store_all was woken within 300 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let needs = upload.megabytes.min(MEGABYTES);
    let permits = loop {
        match memory.clone().try_acquire_many_owned(needs) {
            Ok(permits) => break permits,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
        }
    };
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
