//! The service owns a sender of its own requests, so `recv` never returns `None`.
//~ fails with: no client is left, but the service still waits for requests

//~ region as solved
//~ region
    let (requests, mut rx) = mpsc::channel(3);
    let client = Client { requests };
    let mine = client.clone();
    let service = tokio::spawn(async move {
        let _mine = mine;
        while let Some(Request { file, answer }) = rx.recv().await {
            if let Some(size) = disk.size_of(&file).await {
                answer.send(size).ok(); // fails when the caller is gone
            }
        }
    });
    (service, client)
//~ region as solved
