//! Without a semaphore: each task returns its size.
let (mut used, mut tasks) = (0, tokio::task::JoinSet::new());
while let Some(upload) = uploads.recv().await {
    let needs = upload.megabytes.min(MEGABYTES);
    while used + needs > MEGABYTES {
        used -= tasks.join_next().await.expect("what is used is in a task").expect("no store panics");
    }
    used += needs;
    let storage = storage.clone();
    tasks.spawn(async move {
        storage.store(upload).await;
        needs
    });
}
tasks.join_all().await;
