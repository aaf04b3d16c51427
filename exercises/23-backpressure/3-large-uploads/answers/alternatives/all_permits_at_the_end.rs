//! When all permits are back, the last upload has been stored.
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
while let Some(upload) = uploads.recv().await {
    let needs = upload.megabytes.clamp(0, MEGABYTES);
    let permits = memory.clone().acquire_many_owned(needs).await.expect("it is never closed");
    let storage = storage.clone();
    tokio::spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
let _all = memory.acquire_many(MEGABYTES).await.expect("it is never closed");
