//! Collects the permits one by one. Only this loop does, so it cannot meet another that holds some.
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let mut permits = Vec::new();
    for _ in 0..upload.megabytes.min(MEGABYTES) {
        permits.push(memory.clone().acquire_owned().await.expect("it is never closed"));
    }
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
