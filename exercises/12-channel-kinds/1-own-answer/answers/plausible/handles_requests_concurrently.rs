//! Spawns a task for each request, so requests are no longer handled one after another.
//~ fails with: caller 3 was expected to log "no answer for gone.txt" at 330 ms, but did so at 90 ms: 240 ms too early

//~ region as solved
//~ region
    let (requests, mut rx) = mpsc::channel::<Request>(3);
    let disk = std::sync::Arc::new(disk);
    let service = tokio::spawn(async move {
        while let Some(Request { file, answer }) = rx.recv().await {
            let disk = disk.clone();
            tokio::spawn(async move {
                if let Some(size) = disk.size_of(&file).await {
                    answer.send(size).ok(); // fails when the caller is gone
                }
            });
        }
    });
    (service, Client { requests })
//~ region as solved
