//! Lets larger uploads through without a permit. They are not alone.
//~ fails with: at 0 ms uploads [5, 8] are being stored, 27 MB together: at most 10 MB are allowed, or a single upload
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
while let Some(upload) = uploads.recv().await {
    let needs = if upload.megabytes > MEGABYTES { 0 } else { upload.megabytes };
    let permits = memory.clone().acquire_many_owned(needs).await.expect("it is never closed");
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
