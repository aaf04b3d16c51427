//! What does not fit is put aside, and the next one may overtake it.
//~ fails with: source was expected to log "sends upload 9" at 130 ms, but did so at 0 ms
let memory = Arc::new(Semaphore::new(MEGABYTES as usize));
let mut tasks = tokio::task::JoinSet::new();
let (mut aside, mut open) = (Vec::new(), true);
while open || !aside.is_empty() || !tasks.is_empty() {
    aside.retain(|upload: &Upload| {
        let needs = upload.megabytes.min(MEGABYTES);
        let Ok(permits) = memory.clone().try_acquire_many_owned(needs) else { return true };
        let (storage, upload) = (storage.clone(), *upload);
        tasks.spawn(async move {
            storage.store(upload).await;
            drop(permits);
        });
        false
    });
    tokio::select! {
        received = uploads.recv(), if open => match received {
            Some(upload) => aside.push(upload),
            None => open = false,
        },
        Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
    }
}
