//! A permit before the upload, as in the chapter, and the others when its size is known. While no megabyte is free, nothing is received.
//~ fails with: source was expected to log "sends upload 6" at 170 ms, but did so at 260 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let tasks = TaskTracker::new();
loop {
    let mut permits = memory.clone().acquire_owned().await.expect("it is never closed");
    let Some(upload) = uploads.recv().await else { break };
    let rest = upload.megabytes.min(MEGABYTES) - 1;
    permits.merge(memory.clone().acquire_many_owned(rest).await.expect("it is never closed"));
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        drop(permits);
    });
}
tasks.close();
tasks.wait().await;
